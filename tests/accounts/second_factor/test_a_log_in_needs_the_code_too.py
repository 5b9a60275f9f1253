"""With a second factor, the password alone opens nothing: on the page, in the API, after a reset."""

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import form_drafts
from accounts.models import User
from accounts.second_factor import log_in as second_step
from tests.support.form_drafts import NEW, Browser, hidden
from tests.support.html import Page
from tests.support.log_ins import in_parallel, log_in
from tests.support.people import PASSWORD, Answer, ApiClientFor
from tests.support.resets import reset_link
from tests.support.second_factor import app_code, turn_on

LOGIN, CODE = reverse("accounts:login"), reverse("accounts:login-code")
DASHBOARD = reverse("predictions:dashboard")
TOKEN = "/api/v1/auth/token/"


@pytest.fixture
def codes(alice: User) -> list[str]:
    return turn_on(alice)


def first_step(client: Client, **more: str) -> dict[str, str]:
    """Send the password; return what the page of the code carries."""
    answer = client.post(LOGIN, {"username": "alice", "password": PASSWORD, **more})
    assert answer.status_code == 200
    page = Page(answer)
    assert page.all("input", name="code")
    names = (second_step.INPUT, "next", form_drafts.LOGIN_INPUT)
    # The switch of the language has a `next` too.
    fields = {name: page.all("input", name=name) for name in names}
    return {name: found[-1].attributes["value"] for name, found in fields.items() if found}


def is_logged_in(client: Client) -> bool:
    return client.get(DASHBOARD).status_code == 200


def test_the_password_opens_nothing(client: Client, codes: list[str], catalog: None) -> None:
    first_step(client)
    assert not is_logged_in(client)
    assert "known_device" not in "".join(client.cookies)


def test_the_code_of_the_app_does(client: Client, alice: User, codes: list[str], catalog: None) -> None:
    answer = client.post(CODE, {**first_step(client, next="/wallet/transactions/"), "code": app_code(alice)})
    assert answer["Location"] == "/wallet/transactions/"
    assert is_logged_in(client)


def test_so_does_a_recovery_code_once(client: Client, codes: list[str], catalog: None) -> None:
    typed = codes[3].upper().replace("-", " ")
    assert client.post(CODE, {**first_step(client), "code": typed}).status_code == 302
    other = Client()
    assert other.post(CODE, {**first_step(other), "code": codes[3]}).status_code == 422
    assert not is_logged_in(other)


def test_a_code_of_the_app_works_once(client: Client, alice: User, codes: list[str], catalog: None) -> None:
    code = app_code(alice)
    assert client.post(CODE, {**first_step(client), "code": code}).status_code == 302
    other = Client()
    assert other.post(CODE, {**first_step(other), "code": code}).status_code == 422
    assert not is_logged_in(other)


def test_an_older_code_than_the_last_is_refused(client: Client, alice: User, codes: list[str]) -> None:
    for step, status in ((0, 302), (1, 302), (0, 422), (-1, 429)):
        other = Client()
        assert other.post(CODE, {**first_step(other), "code": app_code(alice, step)}).status_code == status


@pytest.mark.parametrize("code", ["000000", "", "x" * 39, "aaaa-bbbb-cccc-dddd", "١٢٣٤٥٦", "\x00"])
def test_a_wrong_code_is_refused(client: Client, codes: list[str], catalog: None, code: str) -> None:
    assert client.post(CODE, {**first_step(client), "code": code}).status_code == 422
    assert not is_logged_in(client)


def test_tries_are_slowed_down(client: Client, alice: User, codes: list[str], catalog: None) -> None:
    carried = first_step(client)
    wrong = f"{(int(app_code(alice)) + 1) % 1_000_000:06}"
    statuses = [client.post(CODE, {**carried, "code": wrong}).status_code for _ in range(6)]
    assert statuses[0] == 422
    assert 429 in statuses[1:]
    answer = client.post(CODE, {**carried, "code": app_code(alice)})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert not is_logged_in(client)


@pytest.mark.parametrize("forged", ["", "x", "tampered", "another password", "deactivated"])
def test_the_second_step_needs_the_first(
    client: Client, alice: User, codes: list[str], catalog: None, forged: str
) -> None:
    token = first_step(client)[second_step.INPUT]
    if forged == "another password":
        alice.set_password("another long sentence")
        alice.save()
    elif forged == "deactivated":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        token = token[:-2] + "xx" if forged == "tampered" else forged
    answer = client.post(CODE, {second_step.INPUT: token, "code": app_code(alice)})
    assert Page(answer).all("input", name="password")
    assert not is_logged_in(client)


def test_the_first_step_is_old_after_ten_minutes(
    client: Client, alice: User, codes: list[str], catalog: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = first_step(client)
    monkeypatch.setattr(second_step, "MAX_AGE", -1)
    client.post(CODE, {**carried, "code": app_code(alice)})
    assert not is_logged_in(client)


def test_what_was_typed_before_survives_both_steps(ended: Browser, alice: User) -> None:
    turn_on(alice)
    answer = ended.send(NEW, {"person_age": "44"})
    carried = first_step(ended.client, **hidden(answer))
    answer = ended.post(CODE, {**carried, "code": app_code(alice)})
    assert Page(ended.get(answer["Location"])).value_of("person_age") == "44"


def test_a_password_reset_is_no_way_around(
    client: Client, alice: User, codes: list[str], catalog: None
) -> None:
    page = client.get(reset_link(alice), follow=True)
    client.post(page.request["PATH_INFO"], {"new_password": "a quite new sentence"}, follow=True)
    assert not is_logged_in(client)
    client.post(LOGIN, {"username": "alice", "password": "a quite new sentence"})
    assert not is_logged_in(client)


def api_log_in(otp: str | None) -> Answer:
    from tests.support.log_ins import CLIENT

    body = {"username": "alice@example.org", "password": PASSWORD} | ({} if otp is None else {"otp": otp})
    answer: Answer = CLIENT.post(TOKEN, body, format="json")
    return answer


def test_the_api_asks_for_it_as_otp(alice: User, codes: list[str], api: ApiClientFor) -> None:
    for missing in (None, ""):
        assert api_log_in(missing).json()["code"] == "otp_required"
    wrong = api_log_in("aaaa-bbbb-cccc-dddd")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "otp_invalid")
    pair = api_log_in(app_code(alice))
    assert pair.status_code == 200
    again = {"refresh": pair.json()["refresh"]}
    assert Client().post("/api/v1/auth/token/refresh/", again, "application/json").status_code == 200


def test_the_api_tells_of_it_only_those_who_know_the_password(codes: list[str]) -> None:
    assert log_in("alice", "wrong").json()["code"] == "invalid_credentials"


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_sent_twice_at_once_works_once(alice: User) -> None:
    codes = turn_on(alice)
    statuses = in_parallel([lambda: api_log_in(codes[0])] * 2)
    assert sorted(statuses) in ([200, 401], [200, 429])


@pytest.mark.django_db(transaction=True)
def test_a_code_of_the_app_sent_twice_at_once_works_once(alice: User) -> None:
    turn_on(alice)
    code = app_code(alice)
    statuses = in_parallel([lambda: api_log_in(code)] * 2)
    assert sorted(statuses) in ([200, 401], [200, 429])
    assert TOTPDevice.objects.get().throttling_failure_count <= 1
