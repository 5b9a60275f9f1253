"""How much work a training does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Sizes of the models and of their checks; `draws` are bootstrap resamples."""

    folds: int
    draws: int
    trees: int
    bags: int
    iterations: int


FULL = Effort(folds=5, draws=1_000, trees=150, bags=5, iterations=500)
QUICK = Effort(folds=2, draws=20, trees=10, bags=2, iterations=20)  # For tests and CI.
