"""The time zones to choose from: one name for each place, by region, with its offset of now."""

import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}


@cache
def _places() -> list[str]:
    """Return the names of the table of countries, which has neither aliases nor dead names."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text()
    return sorted({line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")})


def zones_by_region(stored: str = "") -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """Return the names and labels of places. `stored` is among them, if it is another name of a place."""
    now = timezone.now()
    names = sorted({*_places(), *({stored} if "/" in stored else ())})
    return [
        (REGIONS.get(region, region), [(name, _label(name, now)) for name in places])
        for region, places in groupby(names, key=lambda name: name.partition("/")[0])
    ]


def _label(name: str, now: datetime) -> str:
    """``America/Argentina/Buenos_Aires`` -> ``Argentina, Buenos Aires (UTC−3)``"""
    place = name.partition("/")[2].replace("/", ", ").replace("_", " ")
    return f"{place} (UTC{_offset(now.astimezone(zoneinfo.ZoneInfo(name)).utcoffset() or timedelta())})"


def _offset(offset: timedelta) -> str:
    """``+5:30``; nothing for UTC itself."""
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "\u2212" if offset < timedelta() else "+"
    return f"{sign}{hours}{f':{minutes:02}' if minutes else ''}" if offset else ""
