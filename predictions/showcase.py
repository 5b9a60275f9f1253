"""An application scored for the front page: what is sold, before anybody signs up."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from predictions.catalog import Offer
from predictions.scoring import registry
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.registry import ArtifactError, ArtifactRef
from predictions.scoring.schema import EXAMPLE, FIELDS_BY_NAME, Applicant, Field, Value
from predictions.scoring.scorer import score

# The scorecard is a table: of the three it is the one that costs the web process nothing.
SLUG = "logistic-regression"
SHOWN = ("person_income", "loan_amnt", "loan_int_rate", "cb_person_default_on_file")


@dataclass(frozen=True)
class Sample:
    offer: Offer
    probability: float
    facts: list[tuple[Field, Value]]


def sample(offers: list[Offer]) -> Sample | None:
    """The schema's example with its probability of approval; None while the model is not on sale."""
    offer = next((offer for offer in offers if offer.model.slug == SLUG and offer.version), None)
    if offer is None:
        return None
    applicant = parse_applicant(EXAMPLE)
    try:
        probability = _scored(registry.current(settings.ARTIFACTS_DIR, SLUG), tuple(applicant.items()))
    except ArtifactError:
        return None
    return Sample(offer, probability, [(FIELDS_BY_NAME[name], applicant[name]) for name in SHOWN])


@lru_cache(maxsize=1)
def _scored(ref: ArtifactRef, facts: tuple[tuple[str, Value], ...]) -> float:
    applicant: Applicant = dict(facts)
    return float(score(settings.ARTIFACTS_DIR, ref, [applicant])[0])
