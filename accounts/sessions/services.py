"""Where an account is logged in, and how to end it there."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import services
from accounts.models import AccountSession, TokenFamily, User
from accounts.requests import client_network
from accounts.sessions.agents import in_words, shortened
from accounts.sessions.store import CLIENT

SEEN_EVERY = timedelta(minutes=5)
# Of each kind; programs may have begun thousands.
MAX_SHOWN = 100


@dataclass(frozen=True)
class Device:
    """A session as its user sees it. `id` names it and tells nothing of its key."""

    id: UUID
    name: str
    network: str
    started_at: datetime
    seen_at: datetime
    is_current: bool


def note_client(request: HttpRequest) -> None:
    """Remember browser and network of a session that has just begun."""
    request.session[CLIENT] = {
        "agent": request.headers.get("User-Agent", "")[:300].replace("\0", ""),
        "network": shortened(client_network(request)),
        "since": timezone.now().isoformat(),
    }


def devices(user: User, current_key: str | None) -> list[Device]:
    """Return the user's sessions that have not ended, the present one first, then by when they were seen."""
    found = [
        Device(
            _id(row),
            in_words(row.agent),
            row.network,
            row.started_at,
            row.seen_at,
            row.session_key == current_key,
        )
        for row in _live(user)
    ]
    return sorted(found, key=lambda device: (device.is_current, device.seen_at), reverse=True)


def key_of(user: User, device: UUID) -> str | None:
    """Return the key of the user's session with this ID, None if there is none."""
    return next((str(row.session_key) for row in _live(user) if _id(row) == device), None)


def end(user: User, key: str) -> None:
    AccountSession.objects.filter(user=user, session_key=key).delete()


def end_others(user: User, current_key: str | None) -> None:
    """End all sessions but this one, and all API tokens. The view renews the hash that this one remembers."""
    AccountSession.objects.filter(user=user).exclude(session_key=current_key).delete()
    TokenFamily.objects.filter(user=user).delete()
    services.end_sessions(user)


def token_families(user: User) -> list[TokenFamily]:
    """Return the user's live families of API tokens, the newest first."""
    families = TokenFamily.objects.filter(user=user, expires_at__gt=timezone.now())
    found = families.order_by("-expires_at", "pk")[:MAX_SHOWN]
    return [family for family in found if _same(family.auth_hash, user)]


def end_family(user: User, pk: UUID) -> bool:
    """Return False if the user has no such family."""
    deleted, _models = TokenFamily.objects.filter(user=user, pk=pk).delete()
    return bool(deleted)


def _live(user: User) -> list[AccountSession]:
    """Return rows that still open something: those of an earlier password do not."""
    rows = AccountSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")
    return [row for row in rows[:MAX_SHOWN] if _same(row.get_decoded().get(HASH_SESSION_KEY, ""), user)]


def _same(remembered: str, user: User) -> bool:
    return constant_time_compare(remembered, user.get_session_auth_hash())


def _id(row: AccountSession) -> UUID:
    return UUID(bytes=hashlib.sha256(row.session_key.encode()).digest()[:16])


class SeenMiddleware:
    """Notes that a session is in use, once in five minutes, without making it longer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        seen = getattr(getattr(request, "session", None), "seen_at", None)
        now = timezone.now()
        if seen and now - seen >= SEEN_EVERY:
            row = AccountSession.objects.filter(session_key=request.session.session_key, seen_at=seen)
            row.update(seen_at=now)
        return response
