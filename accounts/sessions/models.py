"""Sessions of browsers, with what their user recognizes them by."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone


class AccountSession(AbstractBaseSession):
    """A session of a log-in; without a user, that of a stranger. `accounts.sessions.store` writes it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions", editable=False
    )
    started_at = models.DateTimeField(default=timezone.now)
    # To the nearest five minutes, so that reading pages hardly ever writes.
    seen_at = models.DateTimeField(default=timezone.now)
    agent = models.CharField(max_length=300, blank=True)
    # Shortened, for it is there to be recognized only.
    network = models.CharField(max_length=50, blank=True)

    objects: ClassVar[Any] = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions.store import SessionStore

        return SessionStore
