"""A user of a browser: what they see, press and type, and the errors that the browser reports."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from django.utils import translation
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, Response, expect

from billing.money import format_money
from predictions.models import Prediction
from tests.support.people import PASSWORD

T = TypeVar("T")

# How long the browser waits for what should appear; jobs on a busy machine take a while.
PATIENCE_MS = 90_000
PHONE, DESKTOP = 360, 1280
HEIGHT = 900
# On narrower screens, the what-if is a sheet that is opened.
SHEET_BELOW = 1024
LOCALES = {"en": "en-GB", "ru": "ru-RU"}
# The browser notes every answer with an error status; such pages are meant here.
MEANT = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# A weak application, as people of each country type it: the explanation has reasons to give.
FACTS = {
    "person_age": "25",
    "person_income": "42000",
    "person_home_ownership": "RENT",
    "person_emp_length": "1.5",
    "loan_intent": "MEDICAL",
    "loan_grade": "D",
    "loan_amnt": "12000",
    "loan_int_rate": "15.25",
    "cb_person_default_on_file": "Y",
    "cb_person_cred_hist_length": "3",
}
DECIMALS = ("person_emp_length", "loan_int_rate")
AMOUNTS = ("person_income", "loan_amnt")


@dataclass(frozen=True)
class Look:
    """How a user reads the site."""

    language: str = "en"
    width: int = DESKTOP
    javascript: bool = True
    dark: bool = False
    still: bool = False
    phone: bool = False


class Visitor:
    def __init__(self, context: BrowserContext, root: str, look: Look) -> None:
        self.context, self.root, self.look = context, root, look
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)
        self.page = context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        """Also where the browser says that it has blocked something by the policy."""
        if message.type == "error" and not MEANT.match(message.text):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.root}/", "data:", "blob:")):
            self.complaints.append(f"another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)

    # What is read

    def say(self, text: str) -> str:
        """An English text of the site in this person's language."""
        return self.read(lambda: translation.gettext(text))

    def read(self, shown: Callable[[], T]) -> T:
        """What a filter of the templates gives in this person's language."""
        with translation.override(self.look.language):
            return shown()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.root)

    def see(self, selector: str) -> Locator:
        """Wait until it is there."""
        found = self.page.locator(selector)
        expect(found.first).to_be_visible()
        return found

    def see_later(self, selector: str) -> None:
        """What a page fetches by itself, or without JavaScript shows when it is loaded again."""
        if not self.look.javascript:
            for _again in range(500):
                if self.page.locator(selector).count():
                    break
                self.page.reload()
        self.see(selector)

    def at(self, path: str) -> None:
        """Wait until this page, a prefix of its address, is loaded."""
        self.page.wait_for_url(re.compile(re.escape(self.root + path)))

    def at_review(self) -> None:
        self.page.wait_for_url(re.compile("review=1"))

    # What is done

    def open(self, path: str) -> None:
        self.page.goto(self.root + path)

    def press(self, text: str) -> None:
        self.button(text).click()

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=self.say(text), exact=True)

    def follow(self, text: str) -> None:
        self.link(text).click()

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=self.say(text), exact=True).first

    def register(self, username: str) -> None:
        self.page.fill("#id_username", username)
        self.page.fill("#id_email", f"{username}@example.org")
        self.page.fill("#id_password", PASSWORD)
        self.press("Create account")

    def log_in(self, username: str) -> None:
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.press("Log in")

    def typed(self, name: str) -> str:
        """A fact as this person types it: Russians use a decimal comma."""
        return FACTS[name].replace(".", ",") if self.look.language == "ru" else FACTS[name]

    def fill_facts(self) -> None:
        for name in FACTS:
            control = self.page.locator(f"#id_{name}")
            match control.evaluate("element => element.tagName"):
                case "SELECT":
                    control.select_option(FACTS[name])
                case "FIELDSET":
                    control.locator(f"input[value={FACTS[name]}]").check()
                case _:
                    control.fill(self.typed(name))

    def see_fact(self, name: str, value: str) -> None:
        """Wait until the form has this value; amounts are grouped."""
        control = self.page.locator(f"#id_{name}")
        if control.evaluate("element => element.tagName") == "FIELDSET":
            expect(control.locator(f"input[value={value}]")).to_be_checked()
        elif name in AMOUNTS:
            separator = "," if self.look.language == "en" else "\u00a0"
            expect(control).to_have_value(f"{int(value):,}".replace(",", separator))
        else:
            expect(control).to_have_value(value)

    def choose(self, model: str) -> None:
        self.page.check(f"input[name=model][value={model}]")

    def pay(self) -> None:
        """Press the button of an order or a top-up, which says "Continue" if a review follows."""
        self.page.locator("button[data-pay]").click()

    def confirm(self, amount: int) -> None:
        """Press the button of the review that comes before a large or unusual payment."""
        self.payment_button(amount).click()

    def payment_button(self, amount: int) -> Locator:
        name = self.read(lambda: translation.gettext("Pay %(price)s") % {"price": format_money(amount)})
        return self.page.get_by_role("button", name=name, exact=True)

    def open_what_if(self) -> None:
        """On a narrow screen it is a sheet at the lower edge."""
        sheet = self.page.locator("#what-if details")
        width = (self.page.viewport_size or {"width": DESKTOP})["width"]
        if width < SHEET_BELOW and sheet.get_attribute("open") is None:
            sheet.locator("summary").click()

    def close_what_if(self) -> None:
        """It would cover what is pressed next."""
        self.page.evaluate("document.querySelector('#what-if details').open = false")

    def shown_prediction(self) -> Prediction:
        """The one whose page is open."""
        return Prediction.objects.with_links().get(pk=self.path.split("?")[0].rstrip("/").split("/")[-1])

    def see_balance(self, text: str) -> None:
        expect(self.page.locator("#balance strong")).to_have_text(text)


Visit: TypeAlias = Callable[..., Visitor]
