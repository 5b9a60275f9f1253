"""Shared by both order pages: initial values, review, placing the order, refusals, orders that were paid."""

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import form_drafts
from accounts.errors import CustomerError
from accounts.requests import current_user
from billing import payment_forms, payments
from billing.forms import OUTDATED_FORM_ERRORS
from billing.payments import PaymentDeclined
from billing.services import InsufficientFunds, RequestKeyReused
from predictions.formats.applicants import range_warnings
from predictions.models import Prediction
from predictions.scoring.parsing import InvalidApplicant
from predictions.scoring.schema import EXAMPLE
from predictions.selectors import get_prediction_or_404
from predictions.site.delays import backlog_text
from predictions.site.forms.applicant import ApplicantForm, as_initial
from predictions.site.paid_orders import facts_of, page_of, paid_order, paid_page
from predictions.site.refusals import refuse

F = TypeVar("F", bound=ApplicantForm)


@dataclass(frozen=True)
class Prefill:
    """The source of a form's initial values: what was typed, the example, an earlier order, or none."""

    request_key: str
    typed: Mapping[str, str]
    earlier: Prediction | None
    wants_example: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Prefill":
        """Raises `Http404` when `?from=` names no order of this user."""
        wants_example = "example" in request.GET
        key = payment_forms.key_of(request)
        return cls(
            request_key=key,
            typed=form_drafts.pop(request) or payment_forms.stored_inputs(request, key),
            earlier=None if wants_example else _earlier_order(request),
            wants_example=wants_example,
        )

    @property
    def values(self) -> dict[str, object]:
        """The initial values, with the request key."""
        values: dict[str, object] = {}
        if self.typed:
            values = dict(self.typed)
        elif self.wants_example:
            values = as_initial(EXAMPLE)
        elif self.earlier:
            values = as_initial(self.earlier.facts) | {"label": self.earlier.label}
        return values | {"request_key": self.request_key}

    @property
    def is_empty(self) -> bool:
        return not (self.typed or self.wants_example or self.earlier)


@dataclass(frozen=True)
class OrderPage(Generic[F]):
    """What one of the two order pages has of its own.

    `form` builds the form from the inputs of a POST, or from initial values. `check` and `place` take a valid
    form and raise what orders raise; `place` returns the address of the order.
    """

    form: Callable[[Mapping[str, Any] | None, dict[str, object]], F]
    check: Callable[[F], object]
    place: Callable[[F], str]
    template: str
    context: dict[str, Any] = field(default_factory=dict)

    def answer(self, request: HttpRequest, prefill: Prefill) -> HttpResponse:
        """Show the form, its review or the order that it paid for; or order and redirect to the result."""
        if request.method == "POST":
            return self._sent(request, self.form(request.POST, {}))
        if paid := paid_order(request, prefill.request_key):
            return paid_page(request, paid)
        if payment_forms.wants_review(request):
            return self._review(request, prefill)
        return self._form(request, self.form(None, prefill.values), prefill=prefill)

    def _sent(self, request: HttpRequest, form: F) -> HttpResponse:
        if not form.is_valid():
            return self._form(request, form, 422)
        key = form.cleaned_data["request_key"]
        topped_up = False
        try:
            if self._is_reviewed_first(request, form):
                return self._to_review(request, form)
            topped_up = self._top_up(request, form)
            address = self.place(form)
        except RequestKeyReused as refusal:
            return self._other_values(request, form, refusal.status)
        except (InsufficientFunds, PaymentDeclined) as refusal:
            if topped_up or isinstance(refusal, PaymentDeclined):
                # The key of the top-up comes from that of the form: another one needs another.
                key = payment_forms.other_key(key, "again")
                form.renew_key(key)
            payment_forms.store(request, key, form)
            short = isinstance(refusal, InsufficientFunds)
            return self._form(request, form, refuse(form, refusal), refused=short)
        except CustomerError as refusal:
            return self._form(request, form, refuse(form, refusal))
        except InvalidApplicant as invalid:
            form.add_problems(invalid)
            return self._form(request, form, 422)
        payment_forms.forget(request, key)
        return redirect(address)

    def _is_reviewed_first(self, request: HttpRequest, form: F) -> bool:
        asked = payment_forms.asks_for_review(request) or needs_review(form)
        return asked and not self._is_settled(request, form)

    def _to_review(self, request: HttpRequest, form: F) -> HttpResponse:
        """Raises what `check` raises, except for a lack of money: the button of the review tops it up."""
        key = form.cleaned_data["request_key"]
        with suppress(InsufficientFunds):
            self.check(form)
        payment_forms.store(request, key, form)
        return redirect(payment_forms.address(request, key, review=True))

    def _top_up(self, request: HttpRequest, form: F) -> bool:
        """Top up what is missing if the button said so, and return whether it has.

        What else refuses the order is raised before, so that no money is taken for it.
        """
        key = form.cleaned_data["request_key"]
        if not payment_forms.asks_for_top_up(request) or paid_order(request, key):
            return False
        try:
            self.check(form)
        except InsufficientFunds as refusal:
            payment_forms.top_up(request, key, refusal)
            return True
        return False

    def _is_settled(self, request: HttpRequest, form: F) -> bool:
        """Return True if exactly these values were reviewed, or if the form's key has ordered already."""
        reviewed = payment_forms.is_acknowledged(request, _acknowledgement(request, form))
        return reviewed or paid_order(request, form.cleaned_data["request_key"]) is not None

    def _other_values(self, request: HttpRequest, form: F, status: int) -> HttpResponse:
        """Show the form with other values than those it has paid for under a new key, or their own order."""
        used, facts = form.cleaned_data["request_key"], form.facts_of_order
        key = payment_forms.other_key(used, facts)
        # The form with that key may have been edited once more before it was paid.
        while order := paid_order(request, key):
            if facts_of(order) == facts:
                return redirect(page_of(order))
            key = payment_forms.other_key(key, facts)
        form.renew_key(key)
        paid = paid_order(request, used)
        if paid is None:
            form.add_error(None, OUTDATED_FORM_ERRORS["invalid"])
        return self._form(request, form, status, paid=paid and page_of(paid))

    def _review(self, request: HttpRequest, prefill: Prefill) -> HttpResponse:
        """Show what is ordered, its price and what is unusual, with the button that pays."""
        key = prefill.request_key
        form = self.form({**prefill.typed, "request_key": key}, {})
        if not form.is_valid() or form.current_price is None:
            return redirect(payment_forms.address(request, key))
        context = {
            "form": form,
            "warnings": range_warnings(form.applicant),
            "acknowledgement": _acknowledgement(request, form),
            "address": payment_forms.address(request, key),
            "here": payment_forms.address(request, key, review=True),
            "top_up_notice": payments.notice(),
        }
        return render(request, "predictions/review.html", self.context | context)

    def _form(
        self, request: HttpRequest, form: F, status: int = 200, prefill: Prefill | None = None, **more: Any
    ) -> HttpResponse:
        address = payment_forms.address(request, form["request_key"].value())
        context = {
            "form": form,
            "address": address,
            "here": address,
            "top_up_notice": payments.notice(),
            "restorable": prefill is not None and prefill.is_empty,
            "restored": prefill is not None and bool(prefill.typed),
            "unpaid": prefill is None or bool(prefill.typed),
            "backlog": backlog_text(),
        }
        return render(request, self.template, self.context | context | more, status=status)


def needs_review(form: ApplicantForm) -> bool:
    """Return True for a valid form with a large price, or with values outside the training range."""
    large = form.current_price is not None and payment_forms.is_large(form.current_price)
    return large or bool(range_warnings(form.applicant))


def _acknowledgement(request: HttpRequest, form: ApplicantForm) -> str:
    """Return what the review of this form sends: it is bound to the key, the values and the price."""
    key = form.cleaned_data["request_key"]
    return payment_forms.acknowledgement(current_user(request), key, form.facts_of_order, form.current_price)


def _earlier_order(request: HttpRequest) -> Prediction | None:
    if "from" not in request.GET:
        return None
    try:
        return get_prediction_or_404(current_user(request), uuid.UUID(request.GET["from"]))
    except ValueError as error:
        raise Http404 from error
