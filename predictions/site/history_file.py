"""The history as a CSV file in the reader's language."""

from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import current_user
from billing.money import to_text
from predictions.models import Prediction, PredictionQuerySet, ScoringModel
from predictions.scoring.rounding import rounded
from predictions.scoring.schema import FIELDS, ChoiceField, Value
from predictions.site.csv_files import csv_response
from predictions.site.history import filtered_history

_SOURCES = (
    *("id", "label", "created_at", "finished_at", "model_version", "status"),
    *("approval_probability", "price", "charge__reversal", "comparison_id", "failure", "applicant"),
)
COLUMNS = (
    *(_("Prediction ID"), _("Label"), _("Ordered (UTC)"), _("Finished (UTC)"), _("Model")),
    *(_("Version"), _("Status"), _("Probability of approval"), _("Probability of default"), _("Price")),
    *(_("Currency"), _("Charge"), _("Comparison ID"), _("Reason for failure")),
    *(gettext_lazy(field.label) for field in FIELDS),
)


@never_cache
@login_required
@require_safe
def history_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The history with the same filters and order as the page. Raises `Http404` for an invalid filter."""
    form, matching = filtered_history(request)
    if not form.is_valid():
        # A file without the invalid filter could be mistaken for the filtered one.
        raise Http404
    rows = _Cells().of(form.chosen_sort.order.sorted(matching))
    return csv_response(current_user(request), "predictions.csv", COLUMNS, rows)


class _Cells:
    """The cells of the file. Words are looked up once, in the language of the request."""

    def __init__(self) -> None:
        self._sources = (f"model__{ScoringModel.name_column()}", *_SOURCES)
        self._statuses = {value: str(text) for value, text in Prediction.Status.choices}
        self._failures = {value: str(text) for value, text in Prediction.Failure.choices}
        self._charged, self._refunded = gettext("charged"), gettext("refunded")
        self._choices = {
            field.name: {choice.value: gettext(choice.label) for choice in field.choices}
            for field in FIELDS
            if isinstance(field, ChoiceField)
        }

    def of(self, rows: PredictionQuerySet) -> Iterator[list[object]]:
        """Yield a row of `COLUMNS` for each prediction.

        Reads columns: model instances would take three times as long.
        """
        for row in rows.values_list(*self._sources).iterator():
            model, key, label, ordered, finished, version, status, *more = row
            probability, price, reversal, comparison, failure, facts = more
            approval = None if probability is None else rounded(probability)
            yield [
                *(key, label, ordered, finished, model, version, self._statuses[status]),
                *(approval, None if approval is None else 1 - approval),
                *(Decimal(to_text(price)), settings.CURRENCY, self._refunded if reversal else self._charged),
                *(comparison, self._failures.get(failure, failure)),
                *(self._fact(field.name, facts[field.name]) for field in FIELDS),
            ]

    def _fact(self, name: str, value: Value) -> object:
        if isinstance(value, float):
            # Adding zero turns the -0.0 of old applicants into 0.0.
            return Decimal(repr(value + 0.0))
        return self._choices[name].get(value, value) if isinstance(value, str) else value
