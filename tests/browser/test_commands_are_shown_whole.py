"""Commands of the documentation are shown to their last line, and their lines are not broken."""

import pytest

from tests.support.browser.visitor import Look, Visit

CUT = """() => [...document.querySelectorAll("main :is(.secret, .guide) .code")].filter(code => {
    const style = getComputedStyle(code), line = parseFloat(style.lineHeight);
    const edges = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const lines = code.textContent.trimEnd().split("\\n").length;
    const shown = Math.round((code.scrollHeight - edges) / line);
    return code.scrollHeight > code.clientHeight || shown > lines + 1;
}).map(code => code.id)"""


@pytest.mark.parametrize(("path", "blocks"), [("/docs/quickstart/", 4), ("/docs/guides/webhooks/", 3)])
def test_whole(visit: Visit, path: str, blocks: int) -> None:
    visitor = visit(Look("en", 320))
    visitor.open(path)
    assert visitor.page.locator("main :is(.secret, .guide) .code").count() == blocks
    for width in (320, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        assert visitor.page.evaluate(CUT) == []
