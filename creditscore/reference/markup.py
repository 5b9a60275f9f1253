"""Texts of the schema as HTML."""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

CODE = re.compile(r"`([^`]+)`")


def marked(text: str) -> SafeString:
    """Return the text as HTML, with what is between backticks as code."""
    parts = CODE.split(text)
    # Every second part was between backticks.
    shown = (format_html("<code>{}</code>", part) if odd % 2 else part for odd, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in shown))
