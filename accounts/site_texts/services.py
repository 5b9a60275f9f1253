"""Which texts of the operator there are, for the footer of every page, and the one to show."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.utils import translation

from accounts.models import SiteText

logger = logging.getLogger(__name__)

# So long, a process goes by what it has read: a new text appears in the footer within a minute.
FRESH_SECONDS = 60
# So long, a process does not ask again after the database has not answered.
AWAY_SECONDS = 30


@dataclass
class _Known:
    kinds: frozenset[str] = frozenset()
    until: float = 0.0


_known = _Known()


def remember(kinds: Collection[str], seconds: float = FRESH_SECONDS) -> None:
    _known.kinds, _known.until = frozenset(kinds), time.monotonic() + seconds


def forget() -> None:
    """Read anew for the next page. To be called after a change."""
    _known.until = 0.0


def kinds_written() -> frozenset[str]:
    """Return the kinds of which there is a text. Without the database, those that were known before."""
    if time.monotonic() >= _known.until:
        try:
            remember(SiteText.objects.values_list("kind", flat=True))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("texts of the site are not read: %s", type(error).__name__)
            # The pages that tell of an outage do not wait for the database, each anew.
            remember(_known.kinds, AWAY_SECONDS)
    return _known.kinds


def missing() -> list[str]:
    """Return the titles of the texts that nobody has written, for operators."""
    written = set(SiteText.objects.values_list("kind", flat=True))
    return [str(kind.label) for kind in SiteText.Kind if kind not in written]


def text_of(kind: str) -> SiteText | None:
    """Return the text in the reader's language, else in another one, None if there is none."""
    texts = {text.language: text for text in SiteText.objects.filter(kind=kind).order_by("language")}
    return texts.get(translation.get_language()) or next(iter(texts.values()), None)


def footer(request: HttpRequest) -> dict[str, object]:
    """The context processor: what the footer links to, and of that what sign-up does, too."""
    written = kinds_written()
    kinds = [kind for kind in SiteText.Kind if kind in written]
    return {"site_texts": kinds, "rules": [kind for kind in kinds if kind != SiteText.Kind.CONTACT]}
