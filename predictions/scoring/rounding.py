"""The one rounding of probabilities, for files, pages and the API."""

from decimal import Decimal

PROBABILITY_DECIMALS = 6


def rounded(probability: float) -> Decimal:
    """Return a probability as it is sold: ``0.0013119999999999798`` -> ``0.001312``.

    1 minus the result is exact, so approval and default add up to 1.
    """
    return Decimal(f"{probability:.{PROBABILITY_DECIMALS}f}")
