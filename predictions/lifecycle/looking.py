"""What the bulk role does for versions, again and again, when it has time."""

from predictions.lifecycle import challengers, checks


def look_after_versions() -> bool:
    """Check one version, and let challengers score a part of the orders; True if there may be more."""
    checked, scored = checks.check_next(), challengers.score_next()
    return checked or scored
