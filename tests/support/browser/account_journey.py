"""A customer from the trial on the home page to the deletion of the account."""

import io
import json
import re

from playwright.sync_api import expect
from pypdf import PdfReader

from accounts.models import User
from predictions.formats.numbers import percent
from predictions.jobs import audit
from predictions.models import Prediction
from tests.support.browser.journey import buy, come_in
from tests.support.browser.visitor import Visitor
from tests.support.people import PASSWORD
from tests.support.second_factor import app_code

NAME = "newcomer"


def live(customer: Visitor) -> None:
    try_it(customer)
    come_in(customer)
    first = buy(customer, "logistic-regression", again=False)
    link, code = share(customer, first)
    buy(customer, "logistic-regression", again=True)
    put_side_by_side(customer)
    choose_a_time_zone(customer)
    codes = turn_on_second_factor(customer)
    log_out(customer)
    read_as_a_stranger(customer, first, link, code)
    log_in_with_a_code(customer)
    take_the_data(customer, codes.pop())
    delete(customer, codes.pop())
    assert not [*audit.problems()]


def try_it(visitor: Visitor) -> None:
    visitor.open("/")
    number = visitor.page.locator("#trial-answer .horizon-number")
    before = number.inner_text()
    visitor.page.locator("#trial input[inputmode=numeric]").first.fill("20000")
    if not visitor.look.javascript:
        visitor.page.locator("#trial button").click()
    expect(number).not_to_have_text(before)


def share(customer: Visitor, bought: Prediction) -> tuple[str, str]:
    """Return the link to the result, and the code on its PDF."""
    customer.follow("Share result")
    customer.press("Create link")
    link = customer.see("#link").inner_text().strip()
    pdf = customer.context.request.get(f"{customer.root}/predictions/{bought.pk}/result.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.body())).pages)
    found = re.search(r"\b([0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", text)
    assert found, text
    customer.open(f"/predictions/{bought.pk}/")
    return link, found[0]


def put_side_by_side(customer: Visitor) -> None:
    customer.follow("History")
    ticks = customer.page.locator("input[name=id][type=checkbox]")
    expect(ticks).to_have_count(2)
    for tick in ticks.all():
        tick.check()
    customer.press("Compare selected")
    customer.at("/predictions/selected/")
    expect(customer.page.locator("thead th")).to_have_count(2)
    customer.page.fill("#id_label", "both")
    customer.press("Label all")
    customer.at("/predictions/")
    assert [*Prediction.objects.of_everyone().values_list("label", flat=True)] == ["both", "both"]


def choose_a_time_zone(customer: Visitor) -> None:
    customer.open("/account/")
    customer.page.select_option("#id_time_zone", "Asia/Tokyo")
    customer.press("Save")
    customer.see(".success")
    assert User.objects.get(username=NAME).time_zone == "Asia/Tokyo"


def turn_on_second_factor(customer: Visitor) -> list[str]:
    """Return the recovery codes."""
    customer.page.locator("main a[href='/account/two-factor/']").click()
    customer.page.fill("#id_password", PASSWORD)
    customer.press("Continue")
    customer.see("svg.qr")
    customer.page.fill("#id_code", app_code(User.objects.get(username=NAME), -1))
    customer.press("Turn on")
    customer.see(".recovery-codes li")
    return customer.page.locator(".recovery-codes li").all_inner_texts()


def log_out(customer: Visitor) -> None:
    customer.page.click("details.account summary")
    customer.press("Log out")
    customer.see(".hero")


def read_as_a_stranger(visitor: Visitor, bought: Prediction, link: str, code: str) -> None:
    probability = bought.approval_probability
    assert probability is not None
    number = visitor.read(lambda: percent(probability))
    visitor.page.goto(link)
    expect(visitor.page.locator(".horizon-number")).to_have_text(number)
    visitor.open("/verify/")
    visitor.page.fill("#id_code", code.lower().replace("-", " "))
    visitor.press("Verify")
    expect(visitor.see(".notice.success")).to_contain_text(number)


def log_in_with_a_code(customer: Visitor) -> None:
    customer.open("/account/login/")
    customer.log_in(NAME)
    customer.page.fill("#id_code", app_code(User.objects.get(username=NAME)))
    customer.press("Log in")
    customer.at("/dashboard/")


def take_the_data(customer: Visitor, code: str) -> None:
    customer.open("/account/data/")
    customer.page.fill("#id_password", PASSWORD)
    customer.page.fill("#id_code", code)
    with customer.page.expect_download() as download:
        customer.press("Download")
    data = json.loads(download.value.path().read_text())
    assert NAME in json.dumps(data)


def delete(customer: Visitor, code: str) -> None:
    customer.open("/account/delete/")
    customer.page.fill("#id_username", NAME)
    customer.page.check("#id_forfeit")
    customer.page.fill("#id_password", PASSWORD)
    customer.page.fill("#id_code", code)
    customer.press("Delete for good")
    customer.see(".hero")
    assert not User.objects.filter(username=NAME).exists()
