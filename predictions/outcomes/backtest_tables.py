"""A backtest as one table, and as JSON."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from predictions.outcomes.backtest import MIN_OF_EACH, Backtest, Rate

COLUMNS = (
    *(_("Part"), _("From"), _("To"), _("Loans")),
    *(_("Predicted default rate"), _("Observed default rate"), _("95% interval from"), _("95% interval to")),
)


def rows(found: Backtest) -> Iterator[list[object]]:
    """Yield a row of `COLUMNS` for all loans, each band of the probability of default, and each month."""
    if found.total:
        yield [gettext("All"), None, None, *_cells(found.total)]
    for band in found.bands:
        yield [gettext("Probability of default"), band.start, band.end, *_cells(band.rate)]
    for month in found.months:
        name = f"{month.first:%Y-%m}"
        yield [gettext("Month of the order"), name, name, *_cells(month.rate)]


def as_csv(found: Backtest) -> bytes:
    """Return the table as programs read it: commas between cells, points in numbers."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([COLUMNS, *rows(found)])
    return buffer.getvalue().encode()


def as_json(found: Backtest) -> dict[str, Any]:
    """Return all figures; those that are null have too few outcomes."""
    return {
        "model": found.counts.model.slug,
        "version": found.counts.version,
        "repaid": found.counts.repaid,
        "defaulted": found.counts.defaulted,
        "refused": found.counts.refused,
        "needed_of_each": MIN_OF_EACH,
        "roc_auc": found.auc,
        "roc_auc_interval": found.auc_interval,
        "brier": found.brier,
        "brier_without_model": found.brier_without_model,
        "total": asdict(found.total) if found.total else None,
        "bands": [{"from": band.start, "to": band.end, **asdict(band.rate)} for band in found.bands],
        "months": [{"month": f"{month.first:%Y-%m}", **asdict(month.rate)} for month in found.months],
    }


def _cells(rate: Rate) -> list[object]:
    return [rate.count, *(round(value, 6) for value in (rate.predicted, rate.observed, rate.low, rate.high))]
