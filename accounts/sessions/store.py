"""Django's sessions in the database, whose rows also name user, browser and network."""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

# The key of what `accounts.sessions.services` notes at a log-in.
CLIENT = "client"


class SessionStore(db.SessionStore):
    # When the row says that the session was seen; None if it was not read.
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import AccountSession

        return AccountSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row to save. All columns are read from `data`, for nothing else survives a save."""
        row: Any = super().create_model_instance(data)
        client = data.get(CLIENT, {})
        row.user_id = data.get(SESSION_KEY)
        row.agent, row.network = client.get("agent", ""), client.get("network", "")
        row.seen_at = timezone.now()
        row.started_at = datetime.fromisoformat(client["since"]) if client else row.seen_at
        return row

    def _get_session_from_db(self) -> Any:
        row: Any = super()._get_session_from_db()  # type: ignore[misc]
        self.seen_at = row.seen_at if row else None
        return row
