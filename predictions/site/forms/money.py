"""Filters of the money pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from billing.models import Entry
from billing.reports.totals import Month


def _month_field(
    first: Sequence[tuple[str, StrOrPromise]], months: Sequence[Month]
) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Month (UTC)"),
        required=False,
        choices=[*first, *((str(month), month.name) for month in months)],
        coerce=Month.parse,
        empty_value=None,
    )


class EntryFilterForm(forms.Form):
    """`months` are the choices, newest first."""

    kind = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("All")), *Entry.Kind.choices])

    def __init__(self, data: Any, months: Sequence[Month]) -> None:
        super().__init__(data)
        self.fields["month"] = _month_field([("", _("All"))], months)

    @property
    def chosen(self) -> tuple[str, Month | None]:
        """Kind and month; "" and None for an invalid choice."""
        self.is_valid()
        return self.cleaned_data.get("kind", ""), self.cleaned_data.get("month")


class StatementForm(forms.Form):
    """`months` are the choices, newest first."""

    def __init__(self, data: Any, months: Sequence[Month]) -> None:
        super().__init__(data)
        self.current_month = months[0]
        self.fields["month"] = _month_field([], months)

    @property
    def chosen(self) -> Month:
        """The chosen month; the current one without a valid choice."""
        self.is_valid()
        return self.cleaned_data.get("month") or self.current_month
