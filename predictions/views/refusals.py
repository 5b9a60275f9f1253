"""Why an order was refused, said in its form: both order pages answer alike."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing import services as billing
from billing.templatetags.money import money
from predictions import catalog, ordering
from predictions.forms.applicant import ApplicantForm
from predictions.forms.orders import insufficient_funds_text

# What an order can be refused for, when every value in it is right.
REFUSALS = (
    billing.InsufficientFunds,
    billing.RequestKeyReused,
    ordering.PriceChanged,
    ordering.TooManyOrders,
    catalog.ModelSwitchedOff,
    catalog.ModelUnavailable,
)


def refuse(form: ApplicantForm, refusal: Exception) -> int:
    """The HTTP status of the refusal; its reason is among the form's errors."""
    match refusal:
        case billing.InsufficientFunds():
            text = insufficient_funds_text(money(refusal.balance), money(refusal.required))
            form.missing = refusal.required - refusal.balance
            return _refused(form, 402, text)
        case billing.RequestKeyReused():
            form.renew_key()
            text = _(
                "This form was sent before with other values. Send it again to order one more prediction."
            )
            return _refused(form, 422, text)
        case ordering.PriceChanged():
            text = _("The price has changed to %(price)s. Nothing was charged.") % {
                "price": money(refusal.price)
            }
            return _refused(form, 409, text, of_model=True)
        case ordering.TooManyOrders():
            text = ngettext(
                "Too many orders. Try again in %(seconds)s second. Nothing was charged.",
                "Too many orders. Try again in %(seconds)s seconds. Nothing was charged.",
                refusal.retry_after,
            )
            return _refused(form, 429, text % {"seconds": refusal.retry_after})
    return _refused(form, 503, _("This model is not available now. Nothing was charged."), of_model=True)


def _refused(form: forms.Form, status: int, text: str, *, of_model: bool = False) -> int:
    form.add_error("model" if of_model and "model" in form.fields else None, text)
    return status
