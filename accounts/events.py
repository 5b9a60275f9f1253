"""What is told of log-ins to those who watch the service. Never what was typed as a name."""

import logging
from collections.abc import Sequence

from accounts.errors import CustomerError
from accounts.models import User
from telemetry import metrics

logger = logging.getLogger(__name__)


def logged_in(user: User, network: str) -> None:
    metrics.logged_in("ok")
    logger.info("user %s logged in", user.pk, extra=_about([user], network))


def log_in_refused(refusal: CustomerError, accounts: Sequence[User], network: str) -> None:
    """`accounts` are those that the typed name may mean."""
    metrics.logged_in(refusal.code)
    logger.warning("log-in refused: %s", refusal.code, extra=_about(accounts, network))


def _about(accounts: Sequence[User], network: str) -> dict[str, object]:
    return {"fields": {"user_id": ", ".join(str(user.pk) for user in accounts), "network": network}}


def account_changed(user: User, what: str) -> None:
    """`what` is a text of ours, for the log: what was done with the account."""
    logger.info("user %s: %s", user.pk, what, extra={"fields": {"user_id": str(user.pk)}})
