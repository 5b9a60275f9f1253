"""Template context of the page of a comparison."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.polling import Polling
from predictions.formats.applicants import range_warnings
from predictions.formats.charts.horizon import average_of
from predictions.formats.charts.suns import Together, together
from predictions.formats.numbers import shown_changes, shown_difference, verdict
from predictions.models import Comparison, Outcome, Prediction
from predictions.results import agreement, explanations
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, Field
from predictions.site.delays import is_late, settled_by
from predictions.site.forms.applicant import LabelForm
from predictions.site.forms.outcomes import OutcomeForm
from predictions.site.result_context import explanation_pause, request_state


@dataclass(frozen=True)
class Progress:
    """The status of the parts of a comparison.

    `explanations` is waiting, late or limited, and waiting as well if there are none to wait for.
    """

    parts: list[Prediction]
    polling: Polling
    explanations: str

    @classmethod
    def of(cls, parts: list[Prediction], polling: Polling) -> "Progress":
        """Request missing explanations and return the progress."""
        unexplained = [part for part in parts if _is_unexplained(part)]
        state = request_state(unexplained, polling) if unexplained else "waiting"
        # Explanations are computed after the results, so they are not late while results are pending.
        pending = any(part.is_pending for part in parts)
        return cls(parts, polling, "waiting" if pending else state)

    @property
    def trigger(self) -> str:
        """When htmx asks again; "" if it does not. What is pending has a deadline, explanations have none."""
        if self.pending:
            return "every 2s" if self.is_late else "every 400ms"
        pause = explanation_pause(self.explanations, self.polling)
        return f"every {pause}s" if self.unexplained and pause else ""

    @property
    def pending(self) -> list[Prediction]:
        return [part for part in self.parts if part.is_pending]

    @property
    def queued(self) -> list[Prediction]:
        return [part for part in self.parts if part.status == Prediction.Status.QUEUED]

    @property
    def unexplained(self) -> list[Prediction]:
        return [part for part in self.parts if _is_unexplained(part)]

    @property
    def has_results(self) -> bool:
        return any(part.status == Prediction.Status.SUCCEEDED for part in self.parts)

    @property
    def is_untouched(self) -> bool:
        return len(self.queued) == len(self.parts)

    @property
    def is_cancelable(self) -> bool:
        """Comped parts have no price to refund."""
        return any(not part.is_refunded for part in self.queued)

    @property
    def is_late(self) -> bool:
        return any(map(is_late, self.pending))

    @property
    def settled_by(self) -> datetime | None:
        return max(map(settled_by, self.pending), default=None)

    @property
    def state(self) -> str:
        """A text that changes if and only if the page needs an update."""
        states = [*(part.status for part in self.parts), str(len(self.unexplained)), self.explanations]
        states.append(self.trigger.removeprefix("every "))
        return ".".join([*states, *["late"] * self.is_late])


@dataclass(frozen=True)
class AgreementText:
    """How far the models agree. `apart` is the difference of the percentages shown on the page."""

    lowest: float
    highest: float
    apart: float


@dataclass(frozen=True)
class Answer:
    """What all models say in words, "" if they differ, and the result of the most accurate model."""

    verdict: str
    best: Prediction | None
    roc_auc: float


def answer_of(results: list[Prediction]) -> Answer:
    """Return the answer of `results`, which are at least two."""
    verdicts = {verdict(part.approval_probability or 0) for part in results}
    measured = [(auc, part) for part in results if (auc := _roc_auc(part)) is not None]
    roc_auc, best = max(measured, key=lambda pair: pair[0], default=(0.0, None))
    return Answer(verdicts.pop() if len(verdicts) == 1 else "", best, roc_auc)


def drawing_of(results: list[Prediction]) -> Together | None:
    """Return the results on one line, with the average of the first one's data; None without results."""
    if not results:
        return None
    average = average_of(results[0].model.slug, results[0].model_version)
    return together([(part.model.name, part.approval_probability or 0) for part in results], average)


@dataclass(frozen=True)
class OutcomeSection:
    """The form for all parts with a result. `same` is what was reported of each of them, if it is the same.

    `differ`: more than one thing was reported, or not of all.
    """

    form: OutcomeForm
    same: Outcome | None
    differ: bool

    @classmethod
    def of(
        cls, parts: list[Prediction], draft: dict[str, str], form: OutcomeForm | None
    ) -> "OutcomeSection | None":
        """None until all parts have ended, and without a result."""
        scored = [part for part in parts if part.approval_probability is not None]
        if not scored or any(part.is_pending for part in parts):
            return None
        reported = [part.reported for part in scored]
        told = {(one.result, one.observed_on) if one else None for one in reported}
        same = reported[0] if len(told) == 1 else None
        first = next((part for part in scored if part.reported), scored[0])
        return cls(form or OutcomeForm.of(first, draft), same, len(told) > 1)


def comparison_context(
    comparison: Comparison,
    polling: Polling | None = None,
    draft: dict[str, str] | None = None,
    outcome_form: OutcomeForm | None = None,
) -> dict[str, Any]:
    """Return the context of the page. `draft` holds the inputs restored after a login.

    `outcome_form` is one with errors.
    """
    draft = draft or {}
    parts = list(comparison.predictions.all())
    aligned, agreed = agreement.aligned(parts), agreement.agreement_of(parts)
    results = [part for part in parts if part.approval_probability is not None]
    return {
        "comparison": comparison,
        "progress": Progress.of(parts, polling or Polling.begin()),
        "price": sum(part.price for part in parts),
        "refunded": sum(part.price for part in parts if part.is_refunded),
        "agreement": agreed
        and AgreementText(agreed.lowest, agreed.highest, shown_difference(agreed.lowest, agreed.highest)),
        "answer": answer_of(results) if agreed else None,
        "drawn": drawing_of(results),
        "aligned": aligned,
        "aligned_rows": _rows_as_shown(aligned) if aligned else [],
        "facts": [(field, comparison.applicant[field.name]) for field in FIELDS],
        "warnings": range_warnings(comparison.applicant),
        "renaming": LabelForm(initial={"label": comparison.label} | draft),
        "renamed_now": "label" in draft,
        "outcome": OutcomeSection.of(parts, draft, outcome_form),
    }


def _rows_as_shown(aligned: agreement.Aligned) -> list[tuple[Field, list[float]]]:
    """Return the changes of each field in all models, without a field that moves none of them."""
    shown = [
        shown_changes(
            one.base,
            one.approval_probability,
            {part.field: part.contribution for part in one.contributions},
        )
        for one in aligned.explanations
    ]
    names = [row.field for row in aligned.rows if any(row.field in changes for changes in shown)]
    return [(FIELDS_BY_NAME[name], [changes.get(name, 0.0) for changes in shown]) for name in names]


def _roc_auc(part: Prediction) -> float | None:
    """Of the version that gave this result; None if its card cannot be read."""
    try:
        card = artifacts.model_card(settings.ARTIFACTS_DIR, part.model.slug, part.model_version)
    except ArtifactError:
        return None
    return float(card["metrics"]["roc_auc"])


def _is_unexplained(part: Prediction) -> bool:
    missing = part.status == Prediction.Status.SUCCEEDED and explanations.explanation_of(part) is None
    return missing and not explanations.has_failed(part)
