"""Browsers show times in their zone in the form in which the server shows them in a chosen zone."""

import pytest

from accounts.models import User
from tests.support.browser.visitor import Look, Visit


@pytest.mark.parametrize(("language", "day"), [("en", "3 November 2026"), ("ru", "3 ноября 2026")])
def test_a_day_and_a_clock(visit: Visit, alice: User, language: str, day: str) -> None:
    visitor = visit(Look(language), alice)
    visitor.open("/wallet/transactions/")
    at = "new Date(2026, 10, 3, 0, 5)"
    assert visitor.page.evaluate(f"[dayText({at}), clockFormat.format({at})]") == [day, "00:05"]
