"""What all forms that pay have in common: a request key in the address, and a review before larger payments.

The key is in the address so that Back, a reload or a restored tab returns to the form that was paid, and not
to a new one. The inputs of a form that is being reviewed, or that waits for a top-up, are in the session
under its key. See docs/decisions.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts import form_drafts
from accounts.models import User
from accounts.requests import current_user
from billing import services
from billing.money import format_money, top_up_for
from billing.services import InsufficientFunds, new_request_key

KEY, REVIEW = "form", "review"
ACKNOWLEDGEMENT = "reviewed"
# The button that also tops up; its value is the amount, in minor units.
TOP_UP = "top_up"
SESSION_KEY = "payment_forms"
# Forms of one session whose inputs are stored, and the characters of one.
MAX_STORED = 10
MAX_INPUTS_LENGTH = 8_000

View = Callable[[HttpRequest], HttpResponse]


def keyed(view: View) -> View:
    """Decorator that redirects a GET without a request key to the same address with a new one."""

    @wraps(view)
    def with_key(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" or _key(request):
            return view(request)
        return redirect(address(request, new_request_key()))

    return with_key


def key_of(request: HttpRequest) -> str:
    """Return the request key in the address of a form that `keyed` guards."""
    return _key(request) or new_request_key()


def address(request: HttpRequest, key: str, *, review: bool = False) -> str:
    """Return the address of the form with this key, or of its review."""
    query = request.GET.copy()
    query[KEY] = key
    query.pop(REVIEW, None)
    if review:
        query[REVIEW] = "1"
    return f"{request.path}?{query.urlencode(safe='/')}"


def wants_review(request: HttpRequest) -> bool:
    return REVIEW in request.GET


def asks_for_review(request: HttpRequest) -> bool:
    """Return True if the form was sent by Enter, whose button only reviews."""
    return REVIEW in request.POST


def asks_for_top_up(request: HttpRequest) -> bool:
    return TOP_UP in request.POST


def top_up(request: HttpRequest, key: object, refusal: InsufficientFunds) -> None:
    """Top up what the form's button said, once for each amount of a form.

    Raises `refusal` if another amount is missing now, `payments.PaymentDeclined`.
    """
    amount = top_up_for(refusal.balance, refusal.required)
    if not amount or request.POST[TOP_UP] != str(amount):
        raise refusal
    request_key = f"form:{other_key(key, TOP_UP, amount)}"
    services.top_up(user=current_user(request), amount=amount, request_key=request_key)
    messages.success(request, _("%(amount)s added to your balance.") % {"amount": format_money(amount)})


def other_key(key: object, *values: object) -> str:
    """Return the key for other `values` in a form whose `key` is used; the same values give the same key."""
    return str(uuid.uuid5(uuid.UUID(str(key)), json.dumps(values)))


def is_large(amount: int) -> bool:
    """Return True if a payment of this amount in minor units is reviewed first."""
    return amount >= settings.CONFIRM_FROM


def acknowledgement(user: User, key: object, *values: object) -> str:
    """Return what the review sends to say that the customer has seen exactly these `values`."""
    return salted_hmac("billing.payment_forms", json.dumps([str(user.pk), str(key), *values])).hexdigest()


def is_acknowledged(request: HttpRequest, expected: str) -> bool:
    return constant_time_compare(request.POST.get(ACKNOWLEDGEMENT, ""), expected)


def store(request: HttpRequest, key: object, form: Form) -> None:
    """Store the inputs of a sent form in the session. Drops the oldest form, and inputs that are too long."""
    inputs = {name: str(form.data.get(name, "")) for name in form_drafts.input_names(form)}
    if sum(map(len, inputs.values())) > MAX_INPUTS_LENGTH:
        return
    stored = [entry for entry in _stored(request) if entry[0] != str(key)]
    request.session[SESSION_KEY] = [*stored, [str(key), request.path, inputs]][-MAX_STORED:]


def stored_inputs(request: HttpRequest, key: str) -> Mapping[str, str]:
    """Return the stored inputs of the form with this key on this page; {} if there are none."""
    return next((inputs for own, path, inputs in _stored(request) if (own, path) == (key, request.path)), {})


def forget(request: HttpRequest, key: object) -> None:
    """Remove the inputs of a form that was paid."""
    stored = _stored(request)
    others = [entry for entry in stored if entry[0] != str(key)]
    if len(others) < len(stored):
        request.session[SESSION_KEY] = others


def _key(request: HttpRequest) -> str:
    """Return the key in the query in its usual form, or "" if there is no valid one."""
    try:
        return str(uuid.UUID(request.GET.get(KEY, "")))
    except ValueError:
        return ""


def _stored(request: HttpRequest) -> list[tuple[str, str, dict[str, str]]]:
    stored: list[tuple[str, str, dict[str, str]]] = request.session.get(SESSION_KEY, [])
    return stored
