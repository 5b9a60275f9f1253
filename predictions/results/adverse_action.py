"""The principal reasons of an adverse action notice (12 CFR 1002.9(b)(2), Regulation B).

They are the facts that lowered the score most, and never the age, a fact that helped, or one that reads oddly
as a reason: an income above the median, a purpose whose loans are repaid more often than others.
"""

from django.conf import settings

from predictions.models import Prediction
from predictions.results.what_if import ArtifactUnavailable
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.explain import Explanation
from predictions.scoring.model_card import ModelCard, read_model_card
from predictions.scoring.reasons import Reason, reasons
from predictions.scoring.schema import DIRECTIONS, FIELDS, SHARE_FIELD, Applicant, ChoiceField, Field

# Regulation B lets a score use the age only with care, and a notice never needs it.
NEVER = "person_age"
# The amount counts by its share of the income.
COUNTED_BY = {"loan_amnt": SHARE_FIELD}


def principal_reasons(prediction: Prediction, explanation: Explanation) -> tuple[Reason, ...]:
    """Return up to four reasons of a result, the most important first. Raises `ArtifactUnavailable`.

    What is usual comes from the model card of the version that scored.
    """
    try:
        card = read_model_card(settings.ARTIFACTS_DIR, prediction.model.slug, prediction.model_version)
    except ArtifactError as error:
        raise ArtifactUnavailable from error
    contributions = {part.field: part.contribution for part in explanation.contributions}
    odd = [field.name for field in FIELDS if reads_oddly(field, prediction.facts, card)]
    return reasons(prediction.facts, contributions, leave_out=(NEVER, *odd))


def reads_oddly(field: Field, applicant: Applicant, card: ModelCard) -> bool:
    """Whether the applicant's value is at least as good as usual among the loans of the model card."""
    value = applicant[field.name]
    if value is None:
        return False
    if isinstance(field, ChoiceField):
        groups = {group["name"]: group for group in card["slices"].get(field.name, [])}
        if group := groups.get(str(value)):
            return group["observed"] >= card["data"]["approval_rate"]
        # Without figures, the best of ordered choices needs no reason.
        return field.ordered and value == field.values[0]
    counted = COUNTED_BY.get(field.name, field.name)
    own, median = float(applicant[counted] or 0), card["ranges"][counted]["median"]
    # A longer credit history has no direction in the models, but a notice that names it says it is too short.
    return own <= median if DIRECTIONS.get(field.name) == -1 else own >= median
