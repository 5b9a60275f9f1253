import pytest
from django.test import Client

from accounts.attempts.limits import HASHES_OF_ACCOUNT, HASHES_OF_NETWORK, OF_CLIENT
from accounts.models import User
from tests.support.clock import Forward
from tests.support.log_ins import in_parallel, log_in
from tests.support.people import PASSWORD

MACHINES = 20


@pytest.mark.parametrize("failures", [0, OF_CLIENT.size - 1])
def test_a_fleet_logs_in_at_once(
    transactional_db: None, alice: User, hashed: list[str], failures: int
) -> None:
    """Also after failures, when one more would begin a delay: the others wait for the first."""
    assert log_in(password=PASSWORD).status_code == 200
    for _attempt in range(failures):
        log_in()
    codes = in_parallel([lambda: log_in(password=PASSWORD)] * MACHINES)
    assert codes == [200] * MACHINES
    assert len(hashed) == 1 + failures + MACHINES
    assert log_in(password=PASSWORD).status_code == 200


def test_a_flood_of_right_ones_is_refused_for_a_while(alice: User, forward: Forward) -> None:
    codes = [log_in(password=PASSWORD).status_code for _number in range(HASHES_OF_ACCOUNT.size + 1)]
    # The first one was a stranger's, who has a budget of their own.
    assert codes == [200] * (HASHES_OF_ACCOUNT.size + 1)
    answer = log_in(password=PASSWORD)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    forward(0.7)
    assert log_in(password=PASSWORD).status_code == 200


def test_a_flood_by_many_accounts_of_one_network_is_refused(db: None, forward: Forward) -> None:
    names = [f"user{number}" for number in range(3)]
    for name in names:
        User.objects.create_user(name, f"{name}@example.org", PASSWORD)
    codes = [log_in(names[number % 3], PASSWORD).status_code for number in range(HASHES_OF_NETWORK.size + 1)]
    assert codes == [200] * HASHES_OF_NETWORK.size + [429]
    assert log_in(names[0], PASSWORD, address="203.0.113.1").status_code == 200


def test_refused_attempts_use_up_nobodys_budget(alice: User, bob: User, forward: Forward) -> None:
    """Attempts that a network's limit refuses must not count against the account that they name."""
    for _number in range(HASHES_OF_NETWORK.size // 2):
        log_in("alice", PASSWORD)
        log_in("bob", PASSWORD)
    for _number in range(2 * HASHES_OF_ACCOUNT.size):
        assert log_in("carol").status_code == 429
    User.objects.create_user("carol", "carol@example.org", PASSWORD)
    assert log_in("carol", PASSWORD, address="203.0.113.1").status_code == 200


def test_changing_the_password_again_and_again_is_bounded(alice: User, forward: Forward) -> None:
    client = Client()
    client.force_login(alice)
    sent = {"old_password": PASSWORD, "new_password": PASSWORD}
    codes = [
        client.post("/account/password/", sent).status_code for _number in range(HASHES_OF_ACCOUNT.size + 1)
    ]
    assert codes == [302] * HASHES_OF_ACCOUNT.size + [429]
