"""What needs horizontal scrolling, or runs over its neighbor."""

from tests.support.browser.visitor import DESKTOP, HEIGHT, PHONE, Visitor

SMALLEST = 320
# The width of a page that is wider than its window, and what sticks out without being in a part that scrolls.
STICKING_OUT = """() => {
    const page = document.scrollingElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const held = element => {
        for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") return true;
    };
    const out = [...document.body.querySelectorAll("*")].filter(
        element => element.getBoundingClientRect().right > page.clientWidth + .5 && !held(element));
    const names = out.slice(0, 9).map(element => element.outerHTML.slice(0, 70).replaceAll("\\n", " "));
    return [`${page.scrollWidth} > ${page.clientWidth}`, ...names];
}"""
# Words that run over the edge of their box and over what stands beside it.
OVERLAPPING = """() => [...document.querySelectorAll("main *")].filter(element => {
    const text = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!text || !element.clientWidth || element.scrollWidth <= element.clientWidth + 1) return false;
    if (getComputedStyle(element).overflowX !== "visible") return false;
    for (let box = element; box; box = box.parentElement)
        if (getComputedStyle(box).clipPath !== "none") return false;
    const range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect();
    return [...element.parentElement.children].some(other => {
        const box = other.getBoundingClientRect();
        return other !== element && box.width && box.left < words.right - 1 && words.left < box.right - 1
            && box.top < words.bottom - 1 && words.top < box.bottom - 1;
    });
}).map(element => `over its neighbor: ${element.outerHTML.slice(0, 70).replaceAll("\\n", " ")}`)"""


def misfits(visitor: Visitor, width: int) -> list[str]:
    """Return what does not fit at this width."""
    visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
    return [*visitor.page.evaluate(STICKING_OUT), *visitor.page.evaluate(OVERLAPPING)]


def misfits_on_a_phone(visitor: Visitor, place: object) -> list[str]:
    return [
        f"{place} at {width}: {misfit}" for width in (PHONE, SMALLEST) for misfit in misfits(visitor, width)
    ]


def misfits_of_large_letters(visitor: Visitor, place: object) -> list[str]:
    """With letters twice as large."""
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = [f"{place}, large: {misfit}" for misfit in misfits(visitor, 2 * SMALLEST)]
    visitor.page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
    found += [f"{place}, large, wide: {misfit}" for misfit in visitor.page.evaluate(STICKING_OUT)]
    visitor.page.evaluate("document.documentElement.style.fontSize = ''")
    return found
