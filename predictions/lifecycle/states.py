"""The versions of a model as operators see them."""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from predictions import catalog
from predictions.lifecycle import checks
from predictions.models import Challenge, SalePeriod, ScoringModel, VersionCheck
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef


class State(models.TextChoices):
    ON_SALE = "on_sale", _("On sale")
    CHALLENGER = "challenger", _("Challenger")
    RETIRED = "retired", _("Sold before")
    NEVER_SOLD = "never_sold", _("Never sold")


@dataclass(frozen=True)
class VersionState:
    """A version that is stored, or was sold.

    `last` is its last period on sale. `check` is None until it was checked with its files as they are now.
    `damage` is what is wrong with the files at this moment, which is found without loading the model.
    """

    ref: ArtifactRef
    state: State
    last: SalePeriod | None
    check: VersionCheck | None
    damage: str

    @property
    def is_on_sale(self) -> bool:
        return self.state == State.ON_SALE

    @property
    def problem(self) -> str:
        return self.damage or (self.check.problem if self.check else "")


def versions_of(model: ScoringModel, periods: list[SalePeriod]) -> list[VersionState]:
    """Return the versions of the model: those stored, the newest first, then those that only were sold.

    `periods` are all of the model, the last one first.
    """
    stored = checks.listed(model)
    sold = list(dict.fromkeys(ArtifactRef(model.slug, row.version, row.artifact_sha256) for row in periods))
    found = {check.version: check for check in VersionCheck.objects.filter(model=model)}
    return [
        _state(model, ref, periods, found.get(ref.version))
        for ref in [*stored, *(ref for ref in sold if ref not in stored)]
    ]


def previous_version(periods: list[SalePeriod]) -> SalePeriod | None:
    """Return the last period of another version than the current one; None if there was none."""
    if not periods:
        return None
    current = periods[0]
    others = (row for row in periods if row.artifact_sha256 != current.artifact_sha256)
    return next(others, None)


def _state(
    model: ScoringModel, ref: ArtifactRef, periods: list[SalePeriod], check: VersionCheck | None
) -> VersionState:
    last = next(
        (row for row in periods if (row.version, row.artifact_sha256) == (ref.version, ref.sha256)), None
    )
    on_sale = catalog.period_on_sale(model)
    challenge = Challenge.objects.filter(current_of=model).select_related("model").first()
    if on_sale and last and last.pk == on_sale.pk:
        state = State.ON_SALE
    elif challenge and challenge.ref == ref:
        state = State.CHALLENGER
    else:
        state = State.RETIRED if last else State.NEVER_SOLD
    if check and check.fingerprint != checks.fingerprint(ref):
        check = None
    return VersionState(ref, state, last, check, _damage(ref))


def _damage(ref: ArtifactRef) -> str:
    try:
        artifacts.usable(settings.ARTIFACTS_DIR, ref)
    except ArtifactError as error:
        return str(error)
    return ""
