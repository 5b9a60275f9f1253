"""Which addresses may be called: public ones, checked by number, because names can lead anywhere.

A server that calls what customers name can reach what they cannot: its own network, and the machine's
metadata. A name is resolved once for each try, all its numbers are checked, and one of these is called.
"""

import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import CustomerError
from accounts.webhooks.models import MAX_URL_LENGTH

# Printable ASCII without what browsers and servers read in different ways.
CHARACTERS = re.compile(r"[!-;=?-\[\]_a-z|~]+")
HTTPS_PORT, FIRST_FREE_PORT = 443, 1024
HOST_NOT_ASCII = re.compile(r"https?://[^/?#@]*[^\W\x00-\x7f]", re.IGNORECASE)
GLOBAL_IPV6 = IPv6Network("2000::/3")
# What `ipaddress` takes for global: relays to other addresses, examples, and special services.
NOT_PUBLIC = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
NOT_PUBLIC_IPV6 = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "3fff::/20")))
# Of a machine in a cloud, beside link-local ones. Azure's is a public address; the others are private.
METADATA = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254")))


class InvalidUrl(CustomerError):
    """The text is not an address that can be called."""

    status = 422
    code = "invalid_url"
    field = "url"


class HostNotAscii(CustomerError):
    """The host has letters that names in the DNS do not have: it is to be written as `xn--…`."""

    status = 422
    code = "host_not_ascii"
    field = "url"


class AddressForbidden(CustomerError):
    """The host is not, or not only, on the public internet."""

    status = 422
    code = "forbidden_address"
    field = "url"


class Unresolved(Exception):
    """The name of the host was not found in time."""


@dataclass(frozen=True)
class Target:
    """An address in parts. `path` includes the query."""

    https: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (HTTPS_PORT if self.https else 80) else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Return the parts of a URL. Raises `InvalidUrl`, `HostNotAscii`."""
    if len(url) > MAX_URL_LENGTH or not CHARACTERS.fullmatch(url):
        raise HostNotAscii if HOST_NOT_ASCII.match(url) else InvalidUrl
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidUrl from error
    schemes = {"https", "http"} if settings.WEBHOOK_ALLOW_PRIVATE else {"https"}
    # An "@" would be a user name, which readers of URLs take for the host and hosts for the user.
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or "#" in url:
        raise InvalidUrl
    https = parts.scheme == "https"
    port = (HTTPS_PORT if https else 80) if port is None else port
    allowed = port == HTTPS_PORT or port >= FIRST_FREE_PORT or (settings.WEBHOOK_ALLOW_PRIVATE and port)
    if not allowed:
        raise InvalidUrl
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(https, parts.hostname, port, path)


def check(url: str) -> None:
    """Check an address that a customer enters. Raises `InvalidUrl`, `HostNotAscii`, `AddressForbidden`.

    A name is not looked up, but at each try: an answer here would tell which names a private network has.
    """
    target = parse(url)
    with contextlib.suppress(OSError, UnicodeError):
        answers = socket.getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
        if not all(may_be_called(str(answer[4][0])) for answer in answers):
            raise AddressForbidden


def resolve(target: Target, deadline: float) -> list[str]:
    """Return the numbers of the host, which may be called. Raises `Unresolved`, `AddressForbidden`."""
    numbers = _look_up(target, deadline)
    if not all(may_be_called(number) for number in numbers):
        raise AddressForbidden
    return numbers


def may_be_called(number: str) -> bool:
    """Return whether an IP address is public, or private and allowed."""
    address = ip_address(number.partition("%")[0])
    inner = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    if inner in METADATA:
        return False
    if settings.WEBHOOK_ALLOW_PRIVATE:
        # Most link-local ones are metadata, too.
        return not (inner.is_link_local or inner.is_multicast or inner.is_unspecified)
    if isinstance(address, IPv4Address):
        return (
            address.is_global
            and not address.is_multicast
            and not any(address in network for network in NOT_PUBLIC)
        )
    # All forms that contain an IPv4 address are outside of this network, or excluded.
    return (
        address in GLOBAL_IPV6
        and address.is_global
        and not any(address in network for network in NOT_PUBLIC_IPV6)
    )


def _look_up(target: Target, deadline: float) -> list[str]:
    """Resolve in a thread, because the system's resolver has no time limit. Raises `Unresolved`."""
    found: list[str] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(max(0, deadline - time.monotonic()))
    if not found:
        raise Unresolved
    return list(found)
