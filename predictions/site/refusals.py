"""Error texts of order forms for refused orders."""

from django import forms
from django.utils.translation import gettext as _

from accounts.errors import CustomerError, retry_text
from billing import payments
from billing import services as billing
from billing.money import format_money
from predictions import catalog
from predictions.orders.predictions import PriceChanged, TooManyOrders
from predictions.site.forms.applicant import ApplicantForm


def refuse(form: ApplicantForm, refusal: CustomerError) -> int:
    """Add the reason to the form's errors and return the HTTP status. Raises `refusal` if it has no text."""
    match refusal:
        case billing.InsufficientFunds():
            return _refused(form, refusal.status, insufficient_funds_text(refusal))
        case payments.PaymentDeclined():
            return _refused(form, refusal.status, payments.declined_text())
        case PriceChanged():
            text = _("The price has changed to %(price)s. Nothing was charged.")
            return _refused(
                form, refusal.status, text % {"price": format_money(refusal.price)}, about_model=True
            )
        case TooManyOrders():
            sentences = [_("Too many orders."), retry_text(refusal.retry_after), _("Nothing was charged.")]
            return _refused(form, refusal.status, " ".join(sentences))
        case catalog.ModelSwitchedOff() | catalog.ModelUnavailable():
            text = _("This model is currently unavailable. Nothing was charged.")
            return _refused(form, catalog.ModelUnavailable.status, text, about_model=True)
    raise refusal


def insufficient_funds_text(error: billing.InsufficientFunds) -> str:
    text = _("Your balance is %(balance)s, but the price is %(required)s. Nothing was charged.")
    return text % {"balance": format_money(error.balance), "required": format_money(error.required)}


def _refused(form: forms.Form, status: int, text: str, *, about_model: bool = False) -> int:
    form.add_error("model" if about_model and "model" in form.fields else None, text)
    return status
