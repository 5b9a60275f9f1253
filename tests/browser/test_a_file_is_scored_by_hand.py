"""A file from its upload to its results, as a person does it, with and without JavaScript."""

from pathlib import Path

import pytest

from accounts.models import User
from tests.support.batches import BAD, table
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.people import give_money
from tests.support.processes import Worker
from tests.support.scored_files import some_rows

TEXTS = {
    "en": ("Score a file", "Check the file", "Pay 60.00 USD", "Download the results", "Find", "Line 3"),
    "ru": ("Оценить файл", "Проверить файл", "Оплатить 60,00 USD", "Скачать результаты", "Найти", "Строка 3"),
}


@pytest.mark.parametrize(("language", "width", "javascript"), [("en", DESKTOP, True), ("ru", PHONE, False)])
def test_by_hand(
    visit: Visit,
    alice: User,
    shared_worker: Worker,
    tmp_path: Path,
    language: str,
    width: int,
    javascript: bool,
) -> None:
    give_money(alice, 100_00)
    new, check, pay, download, find, line = TEXTS[language]
    source = tmp_path / "loans.csv"
    source.write_bytes(table([*some_rows(6), BAD]))
    visitor = visit(Look(language, width, javascript=javascript), alice)
    visitor.open("/files/")
    page = visitor.page
    page.get_by_role("link", name=new).first.click()
    page.locator("input[type=file]").set_input_files(source)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name=check).click()
    page.get_by_role("button", name=pay).click()
    page.get_by_role("link", name=download).wait_for()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name=download).click()
    results = Path(downloaded.value.path()).read_text().splitlines()
    assert len(results) == 8
    assert results[0].endswith("approval_probability,default_probability,error")
    page.locator("input[name=q]").fill("loan 1")
    page.get_by_role("button", name=find, exact=True).click()
    page.locator("#search").get_by_role("link", name=line).click()
    page.locator("h1", has_text=line).wait_for()
