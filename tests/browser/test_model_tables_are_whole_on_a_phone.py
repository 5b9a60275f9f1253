"""Tables and the ticks of charts on the pages of models are whole at 320 pixels, not scrolled or cut off."""

import pytest

from tests.support.browser.visitor import HEIGHT, Look, Visit

UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"
CUT = """() => {
    const tables = [...document.querySelectorAll("main .scroll")].filter(
        box => box.scrollWidth > box.clientWidth + 1
    );
    const texts = [...document.querySelectorAll(".chart > svg text")].filter(text => {
        const word = text.getBoundingClientRect(), chart = text.ownerSVGElement.getBoundingClientRect();
        return word.left < chart.left - 1 || word.right > chart.right + 1
            || word.top < chart.top - 1 || word.bottom > chart.bottom + 1;
    });
    return [...tables, ...texts].map(part => part.textContent.trim().slice(0, 60));
}"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", ["/models/", "/models/catboost/", "/models/logistic-regression/"])
def test_whole(visit: Visit, path: str, language: str) -> None:
    visitor = visit(Look(language, 320))
    visitor.open(path)
    visitor.page.evaluate(UNFOLD)
    for width in (320, 390):
        visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
        assert visitor.page.evaluate(CUT) == []


def test_what_is_cut_is_found(visit: Visit) -> None:
    visitor = visit(Look("en", 320))
    visitor.open("/models/catboost/")
    visitor.page.evaluate(UNFOLD)
    visitor.page.evaluate("document.querySelector('.scroll table').style.minWidth = '500px'")
    visitor.page.evaluate("document.querySelector('.chart > svg text').setAttribute('x', '-30')")
    assert len(visitor.page.evaluate(CUT)) == 2
