"""Limits per minute of a customer, counted from rows, so that they hold without the cache."""

from django.conf import settings

from accounts.models import User
from accounts.quotas import Quota
from predictions.models import Prediction

ORDERS, EXPLANATIONS = "orders", "explanations"


def admit_orders(user: User, *, more: int = 0, sold: int = 0) -> tuple[Quota | None, int]:
    """Return what is left once `more` predictions are ordered, and the seconds that they must wait.

    That is exact after an order of `sold` predictions, in its transaction, which holds the wallet's lock. If
    there are no others, one order may pass the limit.
    """
    limit = settings.ORDERS_PER_MINUTE
    return _admit(user, ORDERS, limit and max(limit, sold), more)


def admit_explanation(user: User) -> tuple[Quota | None, int]:
    """Return what is left once one more is requested, and the seconds that it must wait.

    That is exact in a transaction that holds the lock of the user's row.
    """
    return _admit(user, EXPLANATIONS, settings.EXPLANATIONS_PER_MINUTE, 1)


def orders_left(user: User) -> Quota | None:
    return _admit(user, ORDERS, settings.ORDERS_PER_MINUTE, 0)[0]


def explanations_left(user: User) -> Quota | None:
    return _admit(user, EXPLANATIONS, settings.EXPLANATIONS_PER_MINUTE, 0)[0]


def _admit(user: User, name: str, limit: int, more: int) -> tuple[Quota | None, int]:
    if not limit:
        return None, 0
    field = {ORDERS: "created_at", EXPLANATIONS: "explanation_requested_at"}[name]
    room = max(0, limit - more)
    number, seconds = Prediction.objects.of(user).recent(field, room + 1)
    left = max(0, limit - more - number)
    return Quota(name, limit, left, seconds), seconds if number > room else 0
