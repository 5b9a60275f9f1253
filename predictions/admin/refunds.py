"""The page on which an operator confirms refunds and gives a reason. Nothing is refunded before."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin

# A note of the ledger has 500 characters, and names what is refunded, too.
MAX_REASON = 400


class RefundForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_REASON, help_text=_("The customer can read it.")
    )

    @classmethod
    def of(cls, request: HttpRequest) -> "RefundForm":
        """Return what the page has sent; what the list has sent is not confirmed yet."""
        return cls(request.POST if "confirmed" in request.POST else None)


def refund_page(
    pages: LargeListAdmin,
    request: HttpRequest,
    form: RefundForm,
    selected: Any,
    refundable: Callable[[Any], int],
) -> HttpResponse:
    """Show what would be refunded to whom, in minor units by `refundable`, and ask for the reason."""
    rows = list(selected)
    prefetch_related_objects(rows, *pages.list_prefetch_related)
    amounts = [(row, refundable(row)) for row in rows]
    context = {
        **pages.admin_site.each_context(request),
        "title": _("Confirm the refund"),
        "opts": pages.opts,
        "form": form,
        "amounts": amounts,
        "total": sum(amount for _row, amount in amounts),
    }
    return render(request, "admin/predictions/refund.html", context)
