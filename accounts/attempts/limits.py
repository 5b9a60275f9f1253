"""The limits of log-ins, by account and by address network.

A known client is a device that the account has logged in from, or, for programs, an address network. Its
limits are its own, so that whoever attacks a known name from elsewhere slows down only strangers.
"""

from contextlib import AbstractContextManager

from accounts.attempts import counters
from accounts.attempts.counters import Attempt, Budget, Counter, Delay
from accounts.passwords import hashes_needed

# What a client is slowed down by: failures at one account from one device or one network.
OF_CLIENT = Delay("log-in", 5, 900)
# Failures at one account from anywhere, whose delay is short, because the owner may be a stranger too; and
# failures at any account from one network.
OF_ACCOUNT = Delay("log-in-account", 50, 10)
OF_NETWORK = Delay("log-in-network", 30, 60)
# All hashes. Right log-ins of an account may take a fifth of two cores, and all of them for 4 s at most;
# those of a network a third, and all of them for 7 s.
HASHES_OF_ACCOUNT = Budget("hashes-account", 30, 20)
HASHES_OF_STRANGERS = Budget("hashes-strangers", 60, 40)
HASHES_OF_NETWORK = Budget("hashes-network", 60, 20)


def log_in(
    account: str, typed: str, network: str, device: str, password: str, checks: int
) -> AbstractContextManager[Attempt]:
    """Limit a log-in that compares `checks` passwords.

    `account` names the account, `device` a known device, "" if there is none. Delays of strangers go by the
    name that they typed, so that they do not show which address belongs to which name.
    """
    client = f"{account}|device:{device}" if device else f"{typed}|{network}"
    others = (
        Counter(OF_ACCOUNT, account, "strangers"),
        Counter(OF_NETWORK, network, "strangers"),
        Counter(HASHES_OF_STRANGERS, account, "strangers"),
        Counter(HASHES_OF_ACCOUNT, account, "known"),
        Counter(HASHES_OF_NETWORK, network),
    )
    return counters.admitted(
        Counter(OF_CLIENT, client),
        others,
        hashes=checks * hashes_needed(password),
        network=f"{account}|{network}",
        known_device=bool(device),
    )


def confirmation(account: str, password: str) -> AbstractContextManager[Attempt]:
    """Limit the confirmation of a password in an open session."""
    return counters.admitted(
        Counter(OF_CLIENT, f"{account}|session"),
        [Counter(HASHES_OF_ACCOUNT, account, "known")],
        hashes=hashes_needed(password),
        known_device=True,
    )


def remember_network(account: str, network: str) -> None:
    """Make the network known to the account. If the cache does not answer, it stays a stranger's."""
    counters.remember_network(f"{account}|{network}")
