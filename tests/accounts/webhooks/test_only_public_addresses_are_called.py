"""Requests of the service reach no address that its customers cannot reach, whatever a name leads to."""

import socket
import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.errors import CustomerError
from accounts.models import User
from accounts.webhooks import addresses, client, endpoints
from accounts.webhooks.events import PING
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from tests.support.receivers import NewReceiver, Receiver

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:80b::200e"]
LINK_LOCAL = ["169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"]
# What a machine in a cloud can ask about itself, at addresses that are not link-local.
METADATA = ["168.63.129.16", "::ffff:168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"]
PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("100.64.0.1", "198.18.0.1", "192.0.2.1", "192.0.0.9", "192.0.0.170", "192.88.99.1", "203.0.113.1"),
    *("240.0.0.1", "255.255.255.255", "::1", "fc00::1", "fd00:ec2::254", "fec0::1", "2001:db8::1", "100::1"),
    # Forms of IPv6 that contain an IPv4 address, even a public one: mapped, compatible, NAT64, 6to4, Teredo.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::a00:1"),
    *("64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2001:20::1", "3fff::1"),
]
UNUSABLE = ["0.0.0.0", "::", "224.0.0.1", "239.1.1.1", "ff02::1"]  # noqa: S104  # nothing is bound


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """`names["host"] = [["1.1.1.1"], …]`: the numbers of each look-up of a name; the last ones stay."""
    known: dict[str, list[list[str]]] = {}
    system = socket.getaddrinfo

    def look_up(host: str, port: Any, *arguments: Any, **more: Any) -> list[Any]:
        if host not in known or more.get("flags"):
            return system(host, port, *arguments, **more)
        numbers = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [answer for number in numbers for answer in system(number, port, *arguments, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("number", PUBLIC)
def test_public_ones_are(number: str) -> None:
    assert addresses.may_be_called(number)


@pytest.mark.parametrize("number", [*LINK_LOCAL, *METADATA, *PRIVATE, *UNUSABLE])
def test_others_are_not(number: str) -> None:
    assert not addresses.may_be_called(number)


def test_in_ones_own_network_private_ones_are_and_the_machines_metadata_is_not(own_network: None) -> None:
    for number in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "fd00::1", "::1", "::ffff:10.0.0.1", *PUBLIC):
        assert addresses.may_be_called(number)
    for number in (*LINK_LOCAL, *METADATA, *UNUSABLE):
        assert not addresses.may_be_called(number)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "//example.org/", "ftp://example.org/", "javascript:alert(1)", "https://"),
        *("http://example.org/", "https://user@example.org/", "https://user:password@example.org/"),
        *("https://example.org:80/", "https://example.org:25/", "https://example.org:0/"),
        *("https://example.org:99999/", "https://example.org:x/", "https://example.org/#part"),
        *("https://example.org/ a", "https://example.org/\r\nHost: x", "https://example.org\\@127.0.0.1/"),
        *(
            "https://[::1/",
            "https://example.org/" + "x" * 1000,
            " https://example.org/",
        ),
    ],
)
def test_what_is_no_address_is_refused(alice: User, url: str) -> None:
    with pytest.raises(addresses.InvalidUrl):
        endpoints.create(alice, url=url, types=[PING])
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]"),
        *("169.254.169.254", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "10.0.0.1:8443", "[64:ff9b::a00:1]"),
    ],
)
def test_private_ones_are_refused_when_they_are_entered(alice: User, host: str) -> None:
    with pytest.raises(addresses.AddressForbidden):
        endpoints.create(alice, url=f"https://{host}/", types=[PING])
    [endpoint] = [endpoints.create(alice, url="https://1.1.1.1/", types=[PING])[0]]
    with pytest.raises(addresses.AddressForbidden):
        endpoints.change(endpoint, url=f"https://{host}/")
    endpoint.refresh_from_db()
    assert endpoint.url == "https://1.1.1.1/"


@pytest.mark.parametrize(
    "url",
    ["https://пример.рф/hook", "https://exämple.org/", "https://例え.jp:8443/", "HTTPS://ПРИМЕР.рф"],
)
def test_a_name_that_is_not_ascii_is_refused_with_what_to_write(alice: User, url: str) -> None:
    with pytest.raises(addresses.HostNotAscii):
        endpoints.create(alice, url=url, types=[PING])
    api = APIClient()
    api.force_authenticate(alice)
    for language, text in (("en", "in ASCII, in its form xn--"), ("ru", "латиницей, в форме xn--")):
        body = {"url": url, "events": ["ping"]}
        answer = api.post("/api/v1/webhooks/", body, format="json", headers={"accept-language": language})
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["code"]) == (422, "host_not_ascii")
        assert text in error["detail"]
    endpoints.create(alice, url="https://xn--e1afmkfd.xn--p1ai/hook", types=[PING])


@pytest.mark.parametrize(
    "url", ["https://example.org/путь", "https://example.org/?a=я", "https://a@пример.рф/"]
)
def test_other_letters_are_no_matter_of_the_host(alice: User, url: str) -> None:
    with pytest.raises(addresses.InvalidUrl):
        endpoints.create(alice, url=url, types=[PING])


def test_no_answer_tells_which_names_a_private_network_has(
    alice: User, sender: Sender, names: dict[str, list[list[str]]]
) -> None:
    """Neither at the registration nor in the log, not even by the time that it took."""
    names["mixed.test"], names["private.test"] = [["1.1.1.1", "10.0.0.1"]], [["10.0.0.1"]]
    told = set()
    for host in ("mixed.test", "private.test", "localhost", "there-is-no-such-host.invalid"):
        endpoint, _secret = endpoints.create(alice, url=f"https://{host}/", types=[PING])
        endpoints.send_test(endpoint)
        sender.send_due()
        row = WebhookDelivery.objects.get(endpoint=endpoint)
        told.add((row.status, row.error, row.response_status, row.duration_ms))
    assert told == {("pending", "forbidden_address", None, 0)}


def test_in_ones_own_network_the_log_tells_what_is_wrong(own_network: None) -> None:
    assert client.post("https://there-is-no-such-host.invalid/", "{}", {}).error == "unresolved"


def test_a_name_that_is_not_found_yet_is_accepted(alice: User) -> None:
    endpoints.create(alice, url="https://there-is-no-such-host.invalid/", types=[PING])


def test_a_name_that_leads_elsewhere_later_is_refused_at_each_try(
    alice: User, receiver: Receiver, sender: Sender, names: dict[str, list[list[str]]]
) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    names["rebinding.test"] = [["127.0.0.1"]]
    endpoint, _secret = endpoints.create(alice, url=f"https://rebinding.test:{port}/", types=[PING])
    endpoints.send_test(endpoint)
    sender.send_due()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.error) == ("pending", "forbidden_address")
    assert receiver.received == []


def test_the_number_that_was_checked_is_the_one_that_is_called(
    new_receiver: NewReceiver, names: dict[str, list[list[str]]], own_network: None
) -> None:
    """Between check and connection, the name is not asked for again."""
    receiver = new_receiver()
    port = receiver.url.split(":")[2].split("/")[0]
    names["moving.test"] = [["127.0.0.1"], ["169.254.169.254"]]
    outcome = client.post(f"http://moving.test:{port}/x", "{}", {})
    assert (outcome.error, outcome.status) == ("", 204)
    # The name stays what the receiver is asked for.
    assert receiver.received[0].headers["host"] == f"moving.test:{port}"


def test_the_next_number_is_called_if_one_does_not_answer(
    receiver: Receiver, names: dict[str, list[list[str]]], own_network: None
) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    names["two.test"] = [["::1", "127.0.0.1"]]
    assert client.post(f"http://two.test:{port}/x", "{}", {}).status == 204


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_arguments: object, **_more: object) -> list[object]:
        time.sleep(0.5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert client.post("https://slow.test/", "{}", {}, limit=0.05).error == "forbidden_address"


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, new_receiver: NewReceiver, own_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = new_receiver()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, proxy.url)
    assert client.post(receiver.url, "{}", {}).status == 204
    assert (len(receiver.received), len(proxy.received)) == (1, 0)


def test_refusals_name_their_field() -> None:
    for error in (addresses.InvalidUrl, addresses.HostNotAscii, addresses.AddressForbidden):
        assert issubclass(error, CustomerError)
        assert (error.field, error.status) == ("url", 422)
