from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from tests.support.people import Answer, ApiClientFor
from tests.support.receivers import Receiver, make_due

ROOT = "/api/v1/webhooks/"
URL = "https://1.1.1.1/hooks"


@pytest.fixture
def client(alice: User, api: ApiClientFor) -> APIClient:
    return api(alice)


def post(client: APIClient, path: str = "", **body: object) -> Answer:
    return client.post(ROOT + path, body, format="json")


def new(client: APIClient, url: str = URL, events: object = ("ping",)) -> dict[str, Any]:
    answer = post(client, url=url, events=events)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def problem(answer: Answer) -> tuple[int, str, list[tuple[str, str]]]:
    assert answer["Content-Type"] == "application/problem+json"
    content = answer.json()
    return (
        answer.status_code,
        content["code"],
        [(error["field"], error["code"]) for error in content.get("errors", [])],
    )


def test_the_secret_is_in_the_201_and_nowhere_else(client: APIClient) -> None:
    made = new(client, events=["prediction.succeeded", "ping"])
    assert made.items() >= {"url": URL, "events": ["prediction.succeeded", "ping"], "active": True}.items()
    assert made["secret"].startswith("whsec_")
    Webhook(made["secret"])
    one = client.get(f"{ROOT}{made['id']}/")
    assert {**one.json(), "secret": made["secret"]} == made
    changed = client.patch(f"{ROOT}{made['id']}/", {"active": False}, format="json")
    listed = client.get(ROOT)
    assert listed.json()["results"] == [changed.json()]
    assert set(listed.json()) == {"next", "previous", "results"}
    tried = post(client, f"{made['id']}/test/")
    for answer in (one, changed, listed, tried, client.get(f"{ROOT}{made['id']}/deliveries/")):
        assert "secret" not in answer.content.decode()
        assert "whsec_" not in answer.content.decode()


def test_it_is_changed_and_deleted(client: APIClient) -> None:
    path = f"{ROOT}{new(client)['id']}/"
    answer = client.patch(path, {"url": URL + "/2", "events": list(TYPES)}, format="json")
    assert (answer.status_code, answer.json()["url"], answer.json()["events"]) == (
        200,
        URL + "/2",
        list(TYPES),
    )
    off = client.patch(path, {"active": False}, format="json").json()
    assert (off["active"], off["off_reason"]) == (False, "owner")
    assert client.patch(path, {"active": True}, format="json").json()["off_reason"] == ""
    assert client.delete(path).status_code == 204
    for answer in (client.get(path), client.delete(path), client.patch(path, {}, format="json")):
        assert answer.status_code == 404
    assert client.get(ROOT).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"url": URL, "events": ["prediction.made"]}, "events", "unknown_event"),
        ({"url": URL, "events": ["ping", "Ping"]}, "events", "unknown_event"),
        ({"url": URL, "events": []}, "events", "empty"),
        ({"url": URL, "events": "ping"}, "events", "invalid"),
        ({"url": URL, "events": [1]}, "events", "invalid"),
        ({"url": URL, "events": {"ping": True}}, "events", "invalid"),
        ({"url": URL}, "events", "required"),
        ({"events": ["ping"]}, "url", "required"),
        ({"url": 5, "events": ["ping"]}, "url", "invalid"),
        ({"url": "http://example.org/", "events": ["ping"]}, "url", "invalid_url"),
        ({"url": "https://127.0.0.1/", "events": ["ping"]}, "url", "forbidden_address"),
        ({"url": "https://1.1.1.1/" + "x" * 1000, "events": ["ping"]}, "url", "max_length"),
    ],
)
def test_what_is_wrong_is_named(client: APIClient, body: dict[str, Any], field: str, code: str) -> None:
    answer = post(client, **body)
    assert problem(answer) == (422, "validation_error", [(field, code)])
    assert not WebhookEndpoint.objects.exists()


def test_active_is_a_boolean(client: APIClient) -> None:
    path = f"{ROOT}{new(client)['id']}/"
    for value in (0, 1, "false", None):
        answer = client.patch(path, {"active": value}, format="json")
        assert answer.status_code == 422, value
    assert client.get(path).json()["active"] is True


def test_the_same_event_twice_is_one(client: APIClient) -> None:
    assert new(client, events=["ping", "balance.low", "ping"])["events"] == ["balance.low", "ping"]


def test_a_customer_has_a_bounded_number(client: APIClient, bob: User, api: ApiClientFor) -> None:
    made = [new(client) for _number in range(endpoints.MAX_ENDPOINTS)]
    assert problem(post(client, url=URL, events=["ping"])) == (409, "too_many_webhooks", [])
    new(api(bob))
    client.delete(f"{ROOT}{made[0]['id']}/")
    new(client)


def test_rotation_signs_by_both_secrets_for_a_day(
    client: APIClient, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    made = new(client, receiver.url)
    path = f"{made['id']}/rotate/"
    rotated = post(client, path)
    assert rotated.status_code == 200
    secret = rotated.json()["secret"]
    assert secret != made["secret"]
    post(client, f"{made['id']}/test/")
    sender.send_due()
    for one in (secret, made["secret"]):
        receiver.received[0].verified(one)
    assert receiver.received[0].headers["webhook-signature"].count(" ") == 1
    WebhookEndpoint.objects.update(old_until=timezone.now())
    post(client, f"{made['id']}/test/")
    sender.send_due()
    receiver.received[1].verified(secret)
    assert " " not in receiver.received[1].headers["webhook-signature"]


def test_the_log_has_request_answer_and_next_try(
    client: APIClient, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    receiver.statuses, receiver.headers = [503], {"X-Internal": "do-not-show-this"}
    made = new(client, receiver.url)
    sent = post(client, f"{made['id']}/test/")
    assert sent.status_code == 202
    sender.send_due()
    page = client.get(f"{ROOT}{made['id']}/deliveries/").json()
    [logged] = page["results"]
    assert (
        logged.items()
        >= {
            "id": sent.json()["id"],
            "type": "ping",
            "status": "pending",
            "attempts": 1,
            "response_status": 503,
            "error": "status",
        }.items()
    )
    assert logged["next_try_at"] > logged["attempted_at"]
    assert isinstance(logged["duration_ms"], int)
    [received] = receiver.received
    assert logged["request"]["body"] == received.body
    for name, value in logged["request"]["headers"].items():
        assert received.headers[name.lower()] == value
    assert "webhook-signature" not in logged["request"]["headers"]
    assert "do-not-show" not in str(page)
    one = client.get(f"{ROOT}{made['id']}/deliveries/{logged['id']}/")
    assert one.json() == logged


def test_a_replay_sends_it_again_with_its_id(
    client: APIClient, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    made = new(client, receiver.url)
    delivery = post(client, f"{made['id']}/test/").json()
    sender.send_due()
    path = f"{made['id']}/deliveries/{delivery['id']}/replay/"
    answer = post(client, path)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    sender.send_due()
    assert len({one.id for one in receiver.received}) == 1
    assert len(receiver.received) == 2


def test_a_replay_of_what_waits_tries_it_now(
    client: APIClient, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    receiver.statuses = [500]
    made = new(client, receiver.url)
    delivery = post(client, f"{made['id']}/test/").json()
    sender.send_due()
    assert post(client, f"{made['id']}/deliveries/{delivery['id']}/replay/").json()["attempts"] == 1
    sender.send_due()
    assert WebhookDelivery.objects.get().status == "delivered"


def fail_all(receiver: Receiver, sender: Sender) -> None:
    receiver.statuses = [500] * 100
    while WebhookDelivery.objects.pending().exists():
        make_due()
        sender.send_due()
    receiver.statuses, receiver.received = [], []


def test_what_has_failed_in_a_time_is_sent_again(
    client: APIClient, receiver: Receiver, own_network: None, sender: Sender
) -> None:
    made = new(client, receiver.url)
    keys = [post(client, f"{made['id']}/test/").json()["id"] for _number in range(3)]
    fail_all(receiver, sender)
    for number, key in enumerate(keys):
        WebhookDelivery.objects.filter(pk=key).update(created_at=f"2026-01-0{number + 1}T12:00Z")
    path = f"{made['id']}/replay/"
    answer = post(client, path, since="2026-01-02T00:00:00Z", until="2026-01-02T23:00:00+03:00")
    assert (answer.status_code, answer.json()) == (202, {"replayed": 1})
    assert post(client, path, since="2026-01-02T00:00:00Z").json() == {"replayed": 1}
    sender.send_due()
    # What has succeeded since is not among what has failed.
    assert post(client, path, since="2026-01-01T00:00:00Z").json() == {"replayed": 1}
    sender.send_due()
    assert {one.status for one in WebhookDelivery.objects.all()} == {"delivered"}
    assert len(receiver.received) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"since": "yesterday"},
        {"since": "2026-01-02"},
        {"since": "2026-01-02T00:00:00"},
        {"since": 5},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_time_that_is_none_is_422(client: APIClient, body: dict[str, object]) -> None:
    answer = post(client, f"{new(client)['id']}/replay/", **body)
    assert problem(answer)[:2] == (422, "validation_error")


def test_nothing_is_sent_to_one_that_is_off(client: APIClient) -> None:
    made = new(client)
    delivery = post(client, f"{made['id']}/test/").json()
    client.patch(f"{ROOT}{made['id']}/", {"active": False}, format="json")
    for path in ("test/", f"deliveries/{delivery['id']}/replay/"):
        assert problem(post(client, f"{made['id']}/{path}")) == (409, "webhook_off", [])
    answer = post(client, f"{made['id']}/replay/", since="2026-01-01T00:00:00Z")
    assert problem(answer) == (409, "webhook_off", [])


def test_a_delivery_of_another_endpoint_is_not_there(client: APIClient) -> None:
    one, other = new(client), new(client)
    delivery = post(client, f"{one['id']}/test/").json()
    path = f"{other['id']}/deliveries/{delivery['id']}/"
    assert client.get(ROOT + path).status_code == 404
    assert post(client, path + "replay/").status_code == 404


def test_the_log_has_pages(client: APIClient) -> None:
    made = new(client)
    keys = [post(client, f"{made['id']}/test/").json()["id"] for _number in range(5)]
    address, seen = f"{ROOT}{made['id']}/deliveries/?page_size=2", []
    while address:
        page = client.get(address).json()
        seen += [one["id"] for one in page["results"]]
        address = page["next"]
    assert seen == keys[::-1]


def test_a_session_works_as_a_token_does(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    assert browser.get(ROOT).status_code == 200
    assert Client().get(ROOT).status_code == 401


def test_texts_follow_the_language(client: APIClient) -> None:
    answer = client.post(
        ROOT,
        {"url": "https://127.0.0.1/", "events": ["ping"]},
        format="json",
        headers={"Accept-Language": "ru"},
    )
    assert answer.json()["errors"][0]["detail"] == "Этот узел не\xa0в\xa0открытом интернете."
