"""The guides in docs/api as HTML."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

FOLDER = settings.BASE_DIR / "docs/api"
# The quickstart and the errors have pages of their own, with what this service answers.
PAGES = {"quickstart": "reference:quickstart", "errors": "reference:errors"}
NAMES = ("keys", "files", "webhooks", "decisions")


@dataclass(frozen=True)
class Guide:
    """`body` is without the title."""

    name: str
    title: str
    body: SafeString


@cache
def guide(name: str) -> Guide:
    """Return one of `NAMES`."""
    heading, _newline, text = (FOLDER / f"{name}.md").read_text().partition("\n")
    # Safe because HTML in the text is escaped, and the text is our own.
    body = mark_safe(_markdown().render(text))  # noqa: S308  # nosec B308 B703
    return Guide(name, heading.removeprefix("# "), body)


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    for rule in (_fence, _link_open, _table_open, _table_close):
        markdown.add_render_rule(rule.__name__.removeprefix("_"), rule)
    return markdown


def _fence(
    _self: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: MutableMapping[str, Any]
) -> str:
    return format_html('<pre class="code" tabindex="0">{}</pre>\n', tokens[place].content)


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    name, is_document, rest = str(tokens[place].attrGet("href")).partition(".md")
    if is_document and name in (*PAGES, *NAMES):
        address = reverse(PAGES[name]) if name in PAGES else reverse("reference:guide", args=[name])
        tokens[place].attrSet("href", address + rest)
    return self.renderToken(tokens, place, options, env)


def _table_open(
    _self: RendererHTML, _tokens: Sequence[Token], _place: int, _options: Any, _env: MutableMapping[str, Any]
) -> str:
    return '<div class="scroll" tabindex="0"><table class="table">\n'


def _table_close(
    _self: RendererHTML, _tokens: Sequence[Token], _place: int, _options: Any, _env: MutableMapping[str, Any]
) -> str:
    return "</table></div>\n"
