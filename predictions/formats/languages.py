"""Texts of files in a language that is not that of the thread which writes them."""

from django.utils.translation import get_language, gettext, override

from predictions.scoring.problems import Params, Say


def in_language(language: str = "") -> Say:
    """Return what makes texts in this language, or in that of now: a thread that sends may have another."""
    chosen = language or get_language()

    def say(message: str, params: Params) -> str:
        with override(chosen):
            return gettext(message) % params

    return say
