from playwright.sync_api import Locator, expect

from accounts.models import User
from tests.support.browser.visitor import FACTS, PHONE, Look, Visit, Visitor
from tests.support.people import PASSWORD, give_money
from tests.support.processes import Worker

# A radio button is drawn as a card beside it, which shows the focus in its stead.
FOCUS_IS_SEEN = """() => {
    const focused = document.activeElement;
    const shown = [focused, focused.type === "radio" ? focused.nextElementSibling : null];
    return shown.some(element => {
        if (!element) return false;
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
    });
}"""
# No page has more stops than this.
STOPS = 90


class Typist:
    """Has no mouse: every step is a key."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page, self.keyboard = visitor, visitor.page, visitor.page.keyboard

    def go_to(self, goal: Locator, key: str = "Tab") -> None:
        """Press Tab until it has the focus, which can be seen at each stop."""
        expect(goal).to_be_visible()
        for _stop in range(STOPS):
            self.keyboard.press(key)
            assert self.page.evaluate(FOCUS_IS_SEEN), self.page.evaluate("document.activeElement.outerHTML")
            if goal.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{goal} is not reached by Tab")

    def fill(self, selector: str, text: str) -> None:
        self.go_to(self.page.locator(selector))
        self.keyboard.type(text)

    def select(self, selector: str, value: str) -> None:
        """Down from the first choice to the one that is meant."""
        control = self.page.locator(selector)
        self.go_to(control)
        while control.input_value() != value:
            before = control.input_value()
            self.keyboard.press("ArrowDown")
            assert control.input_value() != before, f"{value} is not among the choices"

    def choose(self, name: str, value: str) -> None:
        """Right from the first segment to the one that is meant."""
        self.go_to(self.page.locator(f"#id_{name} input").first)
        self.keyboard.press("Space")
        for _step in range(self.page.locator(f"#id_{name} input").count()):
            if self.page.locator(f"#id_{name} input[value={value}]").is_checked():
                return
            self.keyboard.press("ArrowRight")
        raise AssertionError(f"{value} is not among the choices")

    def enter(self, goal: Locator) -> None:
        self.go_to(goal)
        self.keyboard.press("Enter")


def test_from_the_front_page_to_logging_out(visit: Visit, worker: Worker) -> None:
    visitor = visit(Look("en", PHONE))
    typist = Typist(visitor)
    visitor.open("/")
    typist.enter(visitor.link("Sign up"))
    visitor.at("/account/register/")
    # The first field has the focus already.
    expect(visitor.page.locator("#id_username")).to_be_focused()
    typist.keyboard.type("typist")
    typist.fill("#id_email", "typist@example.org")
    typist.fill("#id_password", PASSWORD)
    typist.keyboard.press("Enter")
    visitor.at("/dashboard/")

    typist.enter(visitor.page.locator("#balance"))
    visitor.at("/wallet/top-up/")
    typist.fill("#id_amount", "100")
    typist.go_to(visitor.page.locator("button[data-pay]"))
    typist.keyboard.press("Space")
    typist.enter(visitor.payment_button(100_00))
    visitor.see_balance("100.00\u00a0USD")

    typist.enter(visitor.link("New prediction"))
    visitor.at("/predictions/new/")
    typist.go_to(visitor.page.locator("input[value=logistic-regression]"))
    typist.keyboard.press("ArrowDown")
    expect(visitor.page.locator("input[value=random-forest]")).to_be_checked()
    typist.keyboard.press("ArrowUp")
    for name, value in FACTS.items():
        if visitor.page.locator(f"select#id_{name}").count():
            typist.select(f"#id_{name}", value)
        elif visitor.page.locator(f"fieldset#id_{name}").count():
            typist.choose(name, value)
        else:
            typist.fill(f"#id_{name}", value)
    typist.enter(visitor.page.locator("button[data-pay]"))
    visitor.see("#result .horizon-number")
    visitor.see("#explanation .waterfall")

    typist.enter(visitor.page.locator("#what-if summary"))
    typist.go_to(visitor.page.locator("#what_if_loan_amnt_slider"))
    typist.keyboard.press("Home")
    answer = visitor.page.locator("#what-if-answer .before-after div").nth(1).locator("dd")
    expect(answer).to_contain_text("%")

    visitor.open("/predictions/")
    order = visitor.page.locator("tbody a").first
    typist.enter(order)
    visitor.see("#result .horizon-number")

    menu = visitor.page.locator("details.account summary")
    typist.enter(menu)
    visitor.see(".account-panel")
    typist.keyboard.press("Escape")
    expect(visitor.page.locator(".account-panel")).to_be_hidden()
    expect(menu).to_be_focused()
    typist.keyboard.press("Enter")
    typist.enter(visitor.button("Log out"))
    visitor.see(".hero")


def test_past_the_menu(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/models/")
    typist = Typist(visitor)
    skip = visitor.link("Skip to content")
    typist.go_to(skip)
    expect(skip).to_be_in_viewport()
    typist.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()
    typist.keyboard.press("Tab")
    assert visitor.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_from_the_errors_to_the_fields(visit: Visit, alice: User) -> None:
    """What is wrong has the focus at once, and every line of it leads to its field."""
    give_money(alice, 100_00)
    visitor = visit(Look("ru"), alice)
    typist = Typist(visitor)
    visitor.open("/predictions/new/?example=1")
    for name in ("person_age", "loan_amnt"):
        visitor.page.fill(f"#id_{name}", "много")
    visitor.pay()
    summary = visitor.page.locator(".summary")
    expect(summary).to_be_focused()
    for name in ("person_age", "loan_amnt"):
        typist.enter(summary.locator(f"a[href='#id_{name}']"))
        field = visitor.page.locator(f"#id_{name}")
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        expect(field).to_have_attribute("aria-invalid", "true")
        described = str(field.get_attribute("aria-describedby")).split()
        assert visitor.page.locator(f"#{described[0]}, #{described[-1]}").count()
        expect(visitor.page.locator(f"#id_{name}_error")).to_be_visible()
        assert f"id_{name}_error" in described
        # Back up to the list.
        typist.go_to(summary.locator("a").last, "Shift+Tab")
        summary.focus()
