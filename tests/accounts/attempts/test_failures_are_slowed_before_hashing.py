from contextlib import nullcontext

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.attempts.limits import OF_ACCOUNT, OF_CLIENT, OF_NETWORK
from accounts.models import User
from tests.support.broker import Broker
from tests.support.clock import Forward
from tests.support.log_ins import in_parallel, log_in
from tests.support.people import PASSWORD


def test_it_answers_429_without_hashing_even_for_the_right_password(
    alice: User, forward: Forward, hashed: list[str]
) -> None:
    for _attempt in range(OF_CLIENT.size):
        assert log_in().status_code == 401
    hashed.clear()
    answer = log_in(password=PASSWORD)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    assert hashed == []


def test_each_further_failure_doubles_the_delay_up_to_fifteen_minutes(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size - 1):
        log_in()
    delays = []
    for _attempt in range(14):
        assert log_in().status_code == 401
        delays.append(int(log_in(password=PASSWORD)["Retry-After"]))
        forward(delays[-1])
    # In the last minutes of such a series the first failures are forgotten again.
    assert delays[:10] == [2**power for power in range(10)]
    assert max(delays) == OF_CLIENT.seconds == 900


def test_a_refused_attempt_neither_counts_nor_extends_the_delay(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        log_in()
    for _attempt in range(40):
        assert log_in().status_code == 429
    forward(1)
    assert log_in(password=PASSWORD).status_code == 200


def test_the_time_to_wait_is_the_true_rest(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        log_in()
    for delay in (1, 2, 4):
        forward(delay)
        log_in()
    rests = []
    for _second in range(8):
        rests.append(int(log_in()["Retry-After"]))
        forward(1)
    assert rests == [8, 7, 6, 5, 4, 3, 2, 1]


def test_the_right_password_after_the_delay_ends_it(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        log_in()
    forward(1)
    assert log_in(password=PASSWORD).status_code == 200
    assert [log_in().status_code for _attempt in range(OF_CLIENT.size)] == [401] * OF_CLIENT.size
    assert log_in()["Retry-After"] == "1"


def test_failures_are_forgotten_one_by_one(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        log_in()
    forward(2 * OF_CLIENT.seconds)
    assert [log_in().status_code for _attempt in range(3)] == [401, 401, 429]


def test_it_hashes_no_more_than_the_limit_when_guesses_come_in_parallel(
    transactional_db: None, alice: User, forward: Forward, hashed: list[str]
) -> None:
    codes = in_parallel([lambda: log_in(password=f"guess {len(hashed)}")] * 16)
    assert codes.count(401) == OF_CLIENT.size
    assert len(hashed) == OF_CLIENT.size
    assert set(codes) <= {401, 429, 503}


def test_it_leaves_other_people_and_other_addresses_alone(alice: User, bob: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size + 1):
        log_in()
    assert log_in("bob", PASSWORD).status_code == 200
    assert log_in("alice", PASSWORD, address="192.0.2.2").status_code == 200


@pytest.mark.parametrize(
    "names",
    [
        ["alice", "ALICE", "Alice", "aLiCe", " alice ", "alicE"],
        ["alice@example.org", "ALICE@example.org", *["Alice@Example.org"] * 4],
        ["nobody", "NOBODY", "Nobody", "nobodY", "nobody", "nobody"],
    ],
)
def test_all_spellings_share_a_counter(alice: User, forward: Forward, names: list[str]) -> None:
    codes = [log_in(name).status_code for name in names]
    assert codes == [401] * OF_CLIENT.size + [429]


def test_a_delay_of_a_name_does_not_show_its_address(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        assert log_in("alice").status_code == 401
    codes = [log_in(name).status_code for name in ("alice", "alice@example.org", "nobody@example.org")]
    assert codes == [429, 401, 401]


def test_a_stranger_waits_for_seconds_after_an_attack_from_everywhere(alice: User, forward: Forward) -> None:
    """An operator who has never logged in has no known device and no mail."""
    for number in range(3 * OF_ACCOUNT.size):
        log_in(address=f"198.51.{number}.1")
        forward(OF_ACCOUNT.seconds / OF_ACCOUNT.size)
    answer = log_in(password=PASSWORD, address="192.0.2.77")
    if answer.status_code == 429:
        assert int(answer["Retry-After"]) <= 11
        forward(11)
        answer = log_in(password=PASSWORD, address="192.0.2.77")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("proxies", "addresses", "header"),
    [
        # Without proxies, clients write what they like into the header.
        (0, ["192.0.2.1"] * 6, True),
        # A customer has a whole /64.
        (0, [f"2001:db8:0:1:{number}::{number}" for number in range(6)], False),
        (
            0,
            ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "192.0.2.1", "192.0.2.1", "192.0.2.1"],
            False,
        ),
        (1, [f"203.0.113.{number}, 192.0.2.1" for number in range(6)], None),
        (1, [f"192.0.2.1:{number}" for number in range(1000, 1006)], None),
        (1, [f"[2001:db8::1]:{number}" for number in range(1000, 1006)], None),
    ],
)
def test_a_client_cannot_change_its_network(
    alice: User, forward: Forward, settings: Settings, proxies: int, addresses: list[str], header: bool | None
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    codes = []
    for number, address in enumerate(addresses):
        if header is None:
            codes.append(log_in(**{"X-Forwarded-For": address}).status_code)
        else:
            headers = {"X-Forwarded-For": f"198.51.100.{number}"} if header else {}
            codes.append(log_in(address=address, **headers).status_code)
    assert codes == [401] * OF_CLIENT.size + [429]


@pytest.mark.parametrize(
    "address", ["192.0.2.2", "2001:db8:0:2::1", "unix:", "", "300.0.0.1", "::ffff:192.0.2.2"]
)
def test_another_network_has_its_own_counter(alice: User, forward: Forward, address: str) -> None:
    for _attempt in range(OF_CLIENT.size):
        log_in(address="192.0.2.1")
        log_in(address="2001:db8:0:1::1")
    assert log_in(password=PASSWORD, address=address).status_code == 200


def test_an_account_is_not_guessed_at_from_many_networks(alice: User, forward: Forward) -> None:
    codes = [log_in(address=f"198.51.100.{number}").status_code for number in range(OF_ACCOUNT.size + 1)]
    assert codes == [401] * OF_ACCOUNT.size + [429]


def test_a_network_does_not_guess_at_many_accounts(db: None, forward: Forward) -> None:
    codes = [log_in(f"user{number}").status_code for number in range(OF_NETWORK.size + 1)]
    assert codes == [401] * OF_NETWORK.size + [429]


def test_it_counts_the_page_as_well(alice: User, forward: Forward) -> None:
    for _attempt in range(OF_CLIENT.size):
        Client().post("/account/login/", {"username": "alice", "password": "wrong"})
    answer = Client().post("/account/login/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert log_in(password=PASSWORD, address="127.0.0.1").status_code == 429


def test_the_admin_has_no_door_of_its_own(operator: User, hashed: list[str]) -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer["Location"] == "/account/login/?next=%2Fadmin%2F"
    Client().post("/admin/login/", {"username": "operator", "password": PASSWORD})
    assert hashed == []


def test_nobody_guesses_on_at_an_open_session(alice: User, forward: Forward, hashed: list[str]) -> None:
    client = Client()
    client.force_login(alice)
    new = "another horse battery staple"
    for _attempt in range(OF_CLIENT.size):
        client.post("/account/password/", {"old_password": "wrong", "new_password": new})
    hashed.clear()
    answer = client.post("/account/password/", {"old_password": PASSWORD, "new_password": new})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    assert "Try again in 1 second." in answer.content.decode()
    assert hashed == []
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize("fault", ["dead", "frozen"])
def test_it_lets_people_in_soon_when_the_cache_does_not_answer(
    alice: User, own_broker: Broker, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """The cache is asked once for each of them."""
    if fault == "dead":
        own_broker.stop()
    with own_broker.frozen() if fault == "frozen" else nullcontext():
        assert log_in(password=PASSWORD).status_code == 200
        assert log_in(password="wrong").status_code == 401
    told = [record.getMessage() for record in caplog.records if "does not answer" in record.getMessage()]
    assert told == ["log-in not counted: the cache does not answer"] * 2
