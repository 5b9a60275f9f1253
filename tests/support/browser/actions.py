"""What visitors do on a page before it is looked at."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from predictions.outcomes.sold import day_of
from tests.support.browser.visitor import Visitor
from tests.support.people import PASSWORD

NUMBERS = (
    "person_age",
    "person_income",
    "person_emp_length",
    "loan_amnt",
    "loan_int_rate",
    "cb_person_cred_hist_length",
)


def make_link(visitor: Visitor) -> None:
    visitor.press("Create link")
    visitor.see("#link")


def create_key(visitor: Visitor) -> None:
    visitor.page.fill("#id_name", "production")
    visitor.press("Create key")
    visitor.see("#key")


def renew_secret(visitor: Visitor) -> None:
    visitor.press("New secret")
    visitor.see("#secret")


def send(button: str) -> Callable[[Visitor], None]:
    def send(visitor: Visitor) -> None:
        visitor.press(button)
        visitor.see(".summary")

    return send


def review(button: str) -> Callable[[Visitor], None]:
    def send(visitor: Visitor) -> None:
        visitor.press(button)
        visitor.at_review()

    return send


def review_unusual(visitor: Visitor) -> None:
    visitor.fill_facts()
    visitor.page.fill("#id_person_age", "95")
    visitor.pay()
    visitor.at_review()


def warn_of_unusual(visitor: Visitor) -> None:
    visitor.see("#id_person_age_caution")


def change_and_send_again(visitor: Visitor) -> None:
    pay_and_come_back(visitor, "form.order")
    visitor.page.fill("#id_loan_amnt", "8000")
    visitor.pay()
    visitor.see(".notice.warning[role=alert]")


def change_top_up_and_send_again(visitor: Visitor) -> None:
    pay_and_come_back(visitor, "form.panel")
    visitor.page.fill("#id_amount", "20")
    visitor.pay()
    visitor.see(".notice.warning[role=alert]")


def pay_and_come_back(visitor: Visitor, form: str) -> None:
    """Send the form past the page, as if the page had come back unchanged from the browser's memory."""
    visitor.page.locator(form).evaluate(
        "form => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})"
    )


def set_up_second_factor(visitor: Visitor) -> None:
    visitor.page.fill("input[name=password]", PASSWORD)
    visitor.press("Continue")
    visitor.see("svg.qr")


def log_in_wrongly(visitor: Visitor) -> None:
    visitor.log_in("nobody")
    visitor.see(".summary")


def pay_without_money(visitor: Visitor) -> None:
    """From a page that was opened while the balance sufficed."""
    button = visitor.page.locator("[data-pay]")
    button.evaluate("button => (button.name = '')")
    button.click()
    visitor.see(".summary")


def err(visitor: Visitor) -> None:
    for name in NUMBERS:
        visitor.page.fill(f"#id_{name}", "много")
    visitor.pay()
    visitor.see(".summary")
    assert visitor.page.locator(".field.wrong").count() == len(NUMBERS) + 4


def err_everywhere(visitor: Visitor) -> None:
    err(visitor)


def err_everywhere_in_comparison(visitor: Visitor) -> None:
    err(visitor)


def ask_everything(visitor: Visitor) -> None:
    visitor.open_what_if()
    visitor.page.fill("#what_if_loan_amnt", "100000")
    visitor.see("#what-if-answer .before-after")
    visitor.close_what_if()
    visitor.press("Calculate")
    visitor.see("#loan-reduction-answer *")
    # By keyboard: what loads above meanwhile moves it away from the mouse.
    visitor.page.locator("#verification summary").press("Enter")
    visitor.press("Verify this result")
    visitor.see("#verification-answer *")


def ask_wrongly(visitor: Visitor) -> None:
    visitor.open_what_if()
    visitor.page.fill("#what_if_loan_amnt", "много")
    visitor.see("#what-if .error")
    visitor.close_what_if()
    visitor.page.locator("#loan-reduction input[name=goal]").fill("101")
    visitor.press("Calculate")
    visitor.see("#loan-reduction-answer *")


def report_tomorrow(visitor: Visitor) -> None:
    visitor.page.check("#outcome input[value=repaid]")
    tomorrow = day_of(timezone.now()) + timedelta(days=1)
    visitor.page.fill("#outcome input[name=observed_on]", tomorrow.isoformat())
    visitor.page.locator("#outcome form button").first.click()
    visitor.see("#outcome .error")


def issue_tokens(visitor: Visitor) -> None:
    visitor.press("Create tokens")
    visitor.see("#access")


def open_menu(visitor: Visitor) -> None:
    visitor.page.click("details.account summary")
    visitor.see(".account-panel")
