"""A visit from the front page to logging out, with everything that a customer can do."""

import io
import re

from django.conf import settings
from playwright.sync_api import expect
from pypdf import PdfReader

from billing.money import format_money
from predictions.formats.applicants import in_words, reason_text
from predictions.formats.numbers import percent, points, shown_changes
from predictions.jobs import audit
from predictions.models import Prediction
from predictions.results import explanations
from predictions.scoring.schema import FIELDS
from tests.support.browser.visitor import Visitor

A4_POINTS = (595, 842)
PRICES = {"logistic-regression": 10_00, "random-forest": 50_00, "catboost": 100_00}
# 160.00 less a fifth.
COMPARISON = 128_00
TOP_UP = 500_00
DISCLAIMER = "Creditscore estimates the probability that a loan is approved. The lender decides."
LEFT = TOP_UP - sum(PRICES.values()) - COMPARISON


def travel(customer: Visitor) -> None:
    come_in(customer)
    first = buy(customer, "logistic-regression", again=False)
    ask_what_if(customer)
    buy(customer, "random-forest", again=True)
    buy(customer, "catboost", again=True)
    compare(customer)
    look_back(customer)
    print_out(customer, first)
    log_out(customer)
    assert not [*audit.problems()]


def come_in(customer: Visitor) -> None:
    customer.open("/")
    expect(customer.page.locator("html")).to_have_attribute("lang", customer.look.language)
    customer.follow("Sign up")
    customer.register("newcomer")
    customer.at("/dashboard/")
    customer.page.click("#balance")
    customer.page.fill("#id_amount", customer.read(lambda: format_money(TOP_UP)).split("\u00a0")[0])
    customer.pay()
    customer.confirm(TOP_UP)
    customer.at("/wallet/")
    customer.see_balance(customer.read(lambda: format_money(TOP_UP)))


def buy(customer: Visitor, model: str, *, again: bool) -> Prediction:
    """Order from one model; the later ones take over what was typed for the first."""
    customer.follow("Repeat with changes" if again else "New prediction")
    if not again:
        customer.fill_facts()
    customer.choose(model)
    customer.pay()
    if PRICES[model] >= settings.CONFIRM_FROM:
        customer.confirm(PRICES[model])
    customer.see("#result .horizon-number")
    bought = customer.shown_prediction()
    assert bought.model.slug == model
    assert bought.approval_probability is not None
    probability = bought.approval_probability
    expect(customer.page.locator(".horizon-number")).to_have_text(customer.read(lambda: percent(probability)))
    customer.see_later("#explanation .waterfall tr")
    customer.see("#explanation .reasons li")
    return bought


def ask_what_if(customer: Visitor) -> None:
    """By the number, and where there is JavaScript by the slider, which answers without a button."""
    customer.open_what_if()
    income = customer.page.locator("#what_if_person_income")
    answer = customer.page.locator("#what-if-answer .before-after div").nth(1).locator("dd")
    income.fill("60000")
    if not customer.look.javascript:
        customer.press("Recalculate")
        expect(answer).to_contain_text("%")
        return
    expect(answer).to_contain_text("%")
    before = answer.inner_text()
    slider = customer.page.locator("#what_if_loan_amnt_slider")
    expect(slider).to_be_visible()
    slider.fill("4000")
    expect(customer.page.locator("#what_if_loan_amnt")).to_have_value("4000")
    expect(answer).not_to_have_text(before)


def compare(customer: Visitor) -> None:
    customer.follow("New prediction")
    customer.follow("All models at a discount")
    customer.follow("Try an example")
    customer.pay()
    customer.confirm(COMPARISON)
    customer.see(".part .horizon-number")
    expect(customer.page.locator(".part .horizon-number")).to_have_count(3)
    customer.see_later("table.aligned")
    customer.see_balance(customer.read(lambda: format_money(LEFT)))


def look_back(customer: Visitor) -> None:
    customer.follow("History")
    # Three orders, and the comparison.
    expect(customer.page.locator("tbody tr")).to_have_count(4)
    expect(customer.page.locator("tbody .status.succeeded")).to_have_count(4)
    customer.follow("Transactions")
    # A top-up, three orders, and the three parts of the comparison.
    expect(customer.page.locator("tbody tr")).to_have_count(7)
    expect(customer.page.locator("tbody tr").first).to_contain_text(customer.read(lambda: format_money(LEFT)))
    customer.see_balance(customer.read(lambda: format_money(LEFT)))


def print_out(customer: Visitor, bought: Prediction) -> None:
    customer.open(f"/predictions/{bought.pk}/")
    document = PdfReader(io.BytesIO(customer.page.pdf(prefer_css_page_size=True)))
    assert len(document.pages) <= 3
    for sheet in document.pages:
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4_POINTS
    for number, sheet in enumerate(document.pages, 1):
        framed = sheet.extract_text()
        assert "Creditscore" in framed
        assert f"{number} / {len(document.pages)}" in framed
    assert squeezed(customer.say(DISCLAIMER)) in squeezed(document.pages[-1].extract_text())
    printed = squeezed("".join(sheet.extract_text() for sheet in document.pages))
    missing = [
        text for text in customer.read(lambda: worth_printing(bought)) if squeezed(text) not in printed
    ]
    assert not missing, f"{missing} in {printed}"


def worth_printing(bought: Prediction) -> list[str]:
    """What the sheet must hold to be of use in a file, in the reader's language."""
    bought.refresh_from_db()
    explanation = explanations.explanation_of(bought)
    assert explanation
    reasons = explanations.reasons_of(bought, explanation)
    assert reasons
    changes = {part.field: part.contribution for part in explanation.contributions}
    return [
        bought.model.name,
        bought.artifact_sha256,
        str(bought.charge.public_id),
        percent(explanation.approval_probability),
        percent(explanation.base),
        *(in_words(field, bought.facts[field.name]) for field in FIELDS),
        *map(points, shown_changes(explanation.base, explanation.approval_probability, changes).values()),
        *(reason_text(reason) for reason in reasons),
    ]


def squeezed(text: str) -> str:
    """A printed line ends wherever the paper does, so blanks and hyphens say nothing."""
    return re.sub(r"[\s\u00a0\u202f\u00ad-]", "", text)


def log_out(customer: Visitor) -> None:
    customer.page.click("details.account summary")
    customer.press("Log out")
    customer.see(".hero")
    customer.open("/predictions/")
    customer.at("/account/login/?next=/predictions/")
