"""The history as a CSV file in the reader's language."""

from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.keyset import SortOrder, every_row
from accounts.requests import current_user
from billing.models import Entry
from billing.money import to_text
from predictions.models import Decision, DecisionPolicy, Prediction, PredictionQuerySet, Result, ScoringModel
from predictions.scoring.rounding import rounded
from predictions.scoring.schema import FIELDS, ChoiceField, Value
from predictions.site.csv_files import csv_response
from predictions.site.history import filtered_history

_SOURCES = (
    *("pk", "label", "created_at", "finished_at", "model_version", "status"),
    *("approval_probability", "price", "refunded", "comparison_id", "failure", "applicant"),
    *("outcome__result", "outcome__observed_on"),
)
COLUMNS = (
    *(_("Prediction ID"), _("Label"), _("Ordered (UTC)"), _("Finished (UTC)"), _("Model")),
    *(_("Version"), _("Status"), _("Probability of approval"), _("Probability of default"), _("Decision")),
    *(_("Price"), _("Currency"), _("Charge"), _("Comparison ID"), _("Reason for failure")),
    *(_("Outcome"), _("Observed")),
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
    rows = _Cells(form.policy).of(matching, form.chosen_sort.order)
    return csv_response(current_user(request), "predictions.csv", COLUMNS, rows)


class _Cells:
    """The cells of the file. Words are looked up once, in the language of the request."""

    def __init__(self, policy: DecisionPolicy | None) -> None:
        self._policy = policy
        self._decisions = {value: str(text) for value, text in Decision.choices}
        self._sources = (f"model__{ScoringModel.name_column()}", *_SOURCES)
        self._statuses = {value: str(text) for value, text in Prediction.Status.choices}
        self._failures = {value: str(text) for value, text in Prediction.Failure.choices}
        self._outcomes = {value: str(text) for value, text in Result.choices}
        self._charged, self._refunded = gettext("charged"), gettext("refunded")
        self._facts = itemgetter(*(field.name for field in FIELDS))
        self._words = [
            (place, _words(field)) for place, field in enumerate(FIELDS) if isinstance(field, ChoiceField)
        ]

    def of(self, rows: PredictionQuerySet, order: SortOrder) -> Iterator[list[object]]:
        """Yield a row of `COLUMNS` for each prediction.

        Reads columns: model instances would take three times as long.
        """
        currency = settings.CURRENCY
        # By the charge's key: a join would read each charge to find its key.
        refunds = Entry.objects.filter(reverses=OuterRef("charge"))
        rows = rows.annotate(refunded=Exists(refunds))
        # There are few prices, and many rows.
        prices: dict[int, Decimal] = {}
        for row in every_row(rows, order, *self._sources):
            model, key, label, ordered, finished, version, status, *more = row
            probability, price, refunded, comparison, failure, applicant, outcome, observed = more
            facts = list(self._facts(applicant))
            for place, words in self._words:
                facts[place] = words.get(facts[place], facts[place])
            approval = None if probability is None else rounded(probability)
            if price not in prices:
                prices[price] = Decimal(to_text(price))
            yield [
                *(key, label, ordered, finished, model, version, self._statuses[status]),
                *(approval, None if approval is None else 1 - approval, self._decision(probability)),
                *(prices[price], currency, self._refunded if refunded else self._charged),
                *(comparison, self._failures.get(failure, failure)),
                *(self._outcomes.get(outcome, outcome), observed and observed.isoformat()),
                *facts,
            ]

    def _decision(self, approval: float | None) -> str:
        if self._policy is None or approval is None:
            return ""
        return self._decisions[self._policy.decide(approval)]


def _words(field: ChoiceField) -> dict[Value, str]:
    return {choice.value: gettext(choice.label) for choice in field.choices}
