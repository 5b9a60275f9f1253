"""The horizon on which every probability is drawn: a line from 0 to 1, a mark of the average, and a sun.

Places on the line are percent of its width, so that a drawing has the width that its page has for it.
"""

from dataclasses import dataclass

from django.conf import settings

from predictions.formats.numbers import VERDICTS
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError


@dataclass(frozen=True)
class Horizon:
    """`sun` is the place of a probability, and `tone` its color: 1 for the lowest verdict, 5 for the highest.

    `average` is the share of repaid loans in the data that the model was trained with, and `mark` its place.
    Both are None if the model's card cannot be read. `anchor` keeps the words at the mark inside the drawing.
    """

    sun: str
    tone: int
    average: float | None
    mark: str | None
    anchor: str


def horizon(probability: float, slug: str, version: str | None) -> Horizon:
    """Return the drawing of a probability that this version of a model has predicted."""
    average = average_of(slug, version)
    mark = None if average is None else place(average)
    return Horizon(place(probability), tone(probability), average, mark, anchor(average or 0.5))


def average_of(slug: str, version: str | None) -> float | None:
    """Return the share of repaid loans in the training data; None if the card cannot be read."""
    try:
        return float(artifacts.model_card(settings.ARTIFACTS_DIR, slug, version)["data"]["approval_rate"])
    except ArtifactError:
        return None


def tone(probability: float) -> int:
    """Return 1 to 5, which change where the verdict in words changes."""
    return len(VERDICTS) - next(i for i, (minimum, _) in enumerate(VERDICTS) if probability >= minimum)


def place(probability: float) -> str:
    """``0.593`` -> ``59.30%``, with a decimal point in every language."""
    return f"{probability * 100:.2f}%"


def anchor(probability: float) -> str:
    """Return the `text-anchor` of words at this place: they grow away from an end that is near."""
    return "start" if probability < 0.3 else "end" if probability > 0.7 else "middle"
