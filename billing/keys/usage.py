"""What API keys do, by UTC day, and the limits of keys, which hold however many orders come in parallel."""

import logging
import math
import time
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone

from accounts.errors import CustomerError, RetryLater
from accounts.models import ApiKey
from accounts.quotas import MINUTE, Quota
from billing.models import KeyDay
from billing.money import to_text

logger = logging.getLogger(__name__)

KEY_ORDERS = "key-orders"
NO_LIMIT = 2**62
# One statement checks both limits and counts. It locks the day's row until the order is committed.
TAKE = """INSERT INTO "billing_keyday" AS day (api_key_id, date, orders, spent, errors, minute, minute_orders)
SELECT %(key)s, %(date)s, 1, %(amount)s, 0, %(minute)s, 1 WHERE %(amount)s <= %(daily_limit)s
ON CONFLICT (api_key_id, date) DO UPDATE SET
    orders = day.orders + 1,
    spent = day.spent + excluded.spent,
    minute = excluded.minute,
    minute_orders = CASE WHEN day.minute = excluded.minute THEN day.minute_orders + 1 ELSE 1 END
WHERE day.spent + excluded.spent <= %(daily_limit)s
    AND (day.minute <> excluded.minute OR day.minute_orders < %(orders_per_minute)s)
RETURNING orders"""
COUNT_ERROR = """INSERT INTO "billing_keyday" AS day
    (api_key_id, date, orders, spent, errors, minute, minute_orders) VALUES (%(key)s, %(date)s, 0, 0, 1, 0, 0)
ON CONFLICT (api_key_id, date) DO UPDATE SET errors = day.errors + 1"""


class DailyLimitReached(CustomerError):
    """The order would pass the key's limit of the day; nothing was charged. Amounts are minor units."""

    status = 402
    code = "daily_limit_reached"

    def __init__(self, daily_limit: int, spent: int, key: ApiKey) -> None:
        self.daily_limit, self.spent, self.key = daily_limit, spent, key

    @property
    def members(self) -> dict[str, object]:
        return {"daily_limit": to_text(self.daily_limit), "spent": to_text(self.spent)}


class TooManyKeyOrders(RetryLater):
    """The key's own limit of orders per minute is reached."""

    code = "too_many_orders_of_key"


def take(key: ApiKey, amount: int, at: datetime) -> None:
    """Count an order that costs `amount`, charged `at` this time, in the caller's transaction.

    Raises `DailyLimitReached`, `TooManyKeyOrders`. To be called after the wallet has been charged, so that
    orders lock the two in the same sequence.
    """
    values = {
        "key": _column_value(key.pk),
        "date": _day(at).isoformat(),
        "amount": amount,
        "minute": _minute(at),
        "daily_limit": NO_LIMIT if key.daily_limit is None else key.daily_limit,
        "orders_per_minute": key.orders_per_minute or NO_LIMIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.fetchone():
            return
    day = _read(key, at)
    if key.daily_limit is not None and day.spent + amount > key.daily_limit:
        raise DailyLimitReached(key.daily_limit, day.spent, key)
    raise TooManyKeyOrders(_seconds_left(), Quota(KEY_ORDERS, key.orders_per_minute or 0, 0, _seconds_left()))


def give_back(key_id: UUID, amount: int, charged_at: datetime) -> None:
    """Take a refund of `amount` off the day of its charge, in the caller's transaction."""
    KeyDay.objects.filter(api_key=key_id, date=_day(charged_at)).update(spent=F("spent") - amount)


def before(error: DailyLimitReached) -> DailyLimitReached:
    """Return the error with what was spent before an order of several charges, which was undone."""
    return DailyLimitReached(error.daily_limit, _read(error.key, timezone.now()).spent, error.key)


def count_error(key: ApiKey) -> None:
    """Count an answer that refused or failed. If the database does not take it, only this count is lost."""
    values = {"key": _column_value(key.pk), "date": _day(timezone.now()).isoformat()}
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_ERROR, values)
    except DatabaseError as error:
        logger.warning("an error of API key %s is not counted: %s", key.pk, error)


def orders_left(key: ApiKey | None) -> Quota | None:
    """Return what is left of the key's orders in this minute, None without a key or a limit."""
    if key is None or (limit := key.orders_per_minute) is None:
        return None
    now = timezone.now()
    day = _read(key, now)
    used = day.minute_orders if day.minute == _minute(now) else 0
    return Quota(KEY_ORDERS, limit, max(0, limit - used), _seconds_left())


def days_of(keys: list[ApiKey], days: int) -> dict[UUID, list[KeyDay]]:
    """Return what each key did on the last `days` days with anything to tell, the newest first."""
    since = _day(timezone.now()) - timedelta(days=days - 1)
    found: dict[UUID, list[KeyDay]] = {key.pk: [] for key in keys}
    for day in KeyDay.objects.filter(api_key__in=keys, date__gte=since).order_by("-date"):
        found[day.api_key_id].append(day)
    return found


def _read(key: ApiKey, at: datetime) -> KeyDay:
    return KeyDay.objects.filter(api_key=key, date=_day(at)).first() or KeyDay(api_key=key)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _minute(at: datetime) -> int:
    return int(at.timestamp() // MINUTE)


def _seconds_left() -> int:
    """Return in how many seconds the next minute begins."""
    return max(1, math.ceil(MINUTE - time.time() % MINUTE))


def _column_value(pk: UUID) -> str | UUID:
    value: str | UUID = ApiKey._meta.pk.get_db_prep_value(pk, connection)
    return value
