"""A browser that enforces the policy reports no violation; every visit in these tests asserts that."""

from playwright.sync_api import expect

from accounts.models import User
from tests.support.browser.visitor import Visit


def test_the_documentation_of_the_api(visit: Visit, alice: User) -> None:
    reader = visit(user=alice)
    reader.open("/docs/predictions/")
    expect(reader.page.locator(".operation").first).to_be_visible()


def test_the_pages_of_operators(visit: Visit, operator: User) -> None:
    reader = visit(user=operator)
    for address in ("/admin/", "/admin/billing/entry/", "/admin/predictions/prediction/"):
        reader.open(address)
        reader.see("#content")


def test_what_breaks_them_is_noticed(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    visitor.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "alert('never')";
            document.body.append(script);
            console.error("oh no");
        }"""
    )
    visitor.page.evaluate("() => { setTimeout(() => { throw new Error('thrown'); }); }")
    visitor.page.wait_for_function("() => new Promise(done => setTimeout(() => done(true)))")
    noticed = "\n".join(visitor.complaints)
    visitor.complaints.clear()
    for sign in ("Content Security Policy", "oh no", "thrown"):
        assert sign in noticed
