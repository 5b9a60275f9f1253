"""What operators read of a training, in their language."""

from collections.abc import Iterable

from django.utils.translation import gettext

from predictions.formats.found_texts import found_texts
from predictions.models import ScoringModel, TrainingRun
from predictions.scoring.schema import gettext_noop

_ = gettext_noop

STEPS: dict[str, str] = {
    "fold": _("%(model)s: fold %(number)s of %(count)s"),
    "all_rows": _("%(model)s: all rows"),
    "card": _("%(model)s: model card"),
    "writing": _("Writing the versions"),
}


def step_text(run: TrainingRun, models: Iterable[ScoringModel]) -> str:
    """Return what the training does now; "" unless it runs."""
    if run.status != TrainingRun.Status.RUNNING:
        return ""
    if not run.step:
        return gettext("Checking the data")
    names = {model.slug: str(model) for model in models}
    values = run.step | {"model": names.get(run.step.get("slug", ""), "")}
    return gettext(STEPS[run.step["code"]]) % values


def problem_text(run: TrainingRun) -> str:
    """Return why the training has no versions; "" if it has, or may have."""
    if run.refusal:
        (text,) = found_texts([run.refusal])
        # The name of a field stays as it is.
        return text if "_" in text.partition(" ")[0] else text[:1].upper() + text[1:]
    return str(run.get_problem_display()) if run.problem else ""
