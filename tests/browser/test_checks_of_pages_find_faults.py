"""The checks that every page passes find what is wrong."""

from tests.support.browser import axe
from tests.support.browser.fit import misfits
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.browser.weight import Scales


def test_by_axe(visit: Visit) -> None:
    visitor = visit(Look(width=PHONE))
    visitor.open("/account/login/")
    visitor.page.evaluate(
        "document.querySelector('label').remove(); document.querySelector('h1').style.opacity = .3"
    )
    found = {fault.split(": ")[1] for fault in axe.violations(visitor, "log in")}
    assert found == {"label", "color-contrast"}
    assert {fault.split(": ")[1] for fault in axe.violations(visitor, "log in", axe.LOOKS)} == {
        "color-contrast"
    }


def test_of_what_does_not_fit(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    visitor.page.evaluate("document.querySelector('h1').style.minWidth = '400px'")
    assert misfits(visitor, PHONE)
    assert not misfits(visitor, DESKTOP)
    visitor.open("/models/")
    visitor.page.evaluate(
        """() => {
            const squeezed = document.querySelector(".quality dt");
            squeezed.style.cssText = "width: 20px; white-space: nowrap";
            squeezed.parentElement.style.justifyContent = "start";
        }"""
    )
    assert any("neighbor: <dt" in fault for fault in misfits(visitor, DESKTOP))


def test_of_what_is_heavy(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    before = Scales().weigh(visitor)
    visitor.page.evaluate("fetch('/static/css/admin.css').then(answer => answer.text())")
    after = Scales().weigh(visitor)
    assert after > before > 20_000
