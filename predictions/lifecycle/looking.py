"""What the bulk role does for versions, again and again, when it has time."""

from predictions.lifecycle import challengers, checks, drift, drift_alerts


def look_after_versions() -> bool:
    """Check one version, let challengers score a part of the orders, and count a part of them for drift.

    Return True if there may be more.
    """
    checked, scored, counted = checks.check_next(), challengers.score_next(), drift.count_next()
    drift_alerts.judge()
    return checked or scored or counted
