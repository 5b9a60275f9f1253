"""Texts that several pages share."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def try_again(seconds: int) -> str:
    """When somebody who was too quick may come again: a sentence, in seconds or in whole minutes."""
    if seconds < 60:
        text = ngettext("Try again in %(seconds)s second.", "Try again in %(seconds)s seconds.", seconds)
        return text % {"seconds": seconds}
    minutes = math.ceil(seconds / 60)
    text = ngettext("Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", minutes)
    return text % {"minutes": minutes}


def too_many_attempts(seconds: int) -> str:
    return " ".join([_("Too many attempts."), try_again(seconds)])
