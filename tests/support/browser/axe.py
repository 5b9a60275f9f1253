"""axe: violations of WCAG 2.2 AA and of its best practices."""

from importlib.resources import files
from typing import Any

from tests.support.browser.visitor import Visitor

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
ALL: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# What another theme and another width can change in a page that has no other fault.
LOOKS: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
}
# Colors are not measured during a transition.
COLORS_STAND = """() => Promise.allSettled(
    document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"""


def violations(visitor: Visitor, where: str, options: dict[str, Any] = ALL) -> list[str]:
    visitor.page.evaluate(AXE)
    visitor.page.evaluate(COLORS_STAND)
    found: dict[str, Any] = visitor.page.evaluate("options => axe.run(document, options)", options)
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{where}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
