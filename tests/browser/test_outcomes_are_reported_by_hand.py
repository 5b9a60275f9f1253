"""Outcomes from the first report to the backtest, as a person does it, with and without JavaScript."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import User
from predictions.models import Outcome
from tests.support.addresses import page_of
from tests.support.browser.visitor import DESKTOP, Look, Visit
from tests.support.orders import Bought

PHONE = 390


@pytest.mark.parametrize(("language", "width", "javascript"), [("en", DESKTOP, True), ("ru", PHONE, False)])
def test_by_hand(
    visit: Visit, alice: User, bought: Bought, tmp_path: Path, language: str, width: int, javascript: bool
) -> None:
    first, second = bought(), bought()
    visitor = visit(Look(language, width, javascript=javascript), alice)
    section = visitor.page.locator("#outcome")
    for result in ("repaid", "defaulted"):
        visitor.open(page_of(first))
        section.locator(f"input[value={result}]").check()
        section.get_by_role("button", name=visitor.say("Save"), exact=True).click()
        words = visitor.say({"repaid": "Repaid", "defaulted": "Defaulted"}[result])
        expect(section.locator("strong")).to_have_text(words)
    section.locator("summary").click()
    expect(section.locator("li")).to_have_count(1)
    visitor.press("Withdraw the outcome")
    expect(section.locator("strong")).to_have_count(0)

    source, today = tmp_path / "outcomes.csv", datetime.now(UTC).date()
    source.write_text(f"id,outcome,observed_on\n{first.pk},repaid,{today}\n{second.pk},gone,{today}\n")
    visitor.open("/predictions/")
    visitor.follow("Outcomes")
    visitor.page.locator("input[type=file]").set_input_files(source)
    visitor.press("Report outcomes")
    expect(visitor.see("#done").locator("li")).to_have_count(1)
    assert Outcome.objects.reported().get().prediction_id == first.pk
    visitor.page.locator("main table a").click()
    visitor.see("#bands")
    expect(visitor.page.locator("dl.facts dd").first).to_have_text("1")

    visitor.open("/predictions/?outcome=repaid")
    expect(visitor.page.locator("table.history tbody tr")).to_have_count(1)
