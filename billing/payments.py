"""Payment providers for top-ups.

A provider that charges immediately returns `Paid`. One that redirects the customer would need its own
page, and a webhook that calls `services.record_payment` with the provider's reference as the key, so that
a repeated webhook books once.
"""

import uuid
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.errors import CustomerError


@dataclass(frozen=True)
class Paid:
    """The provider received the money; `reference` is its ID of the payment."""

    reference: str


class PaymentDeclined(CustomerError):
    """The customer's money was not taken."""

    status = 402
    code = "payment_declined"


def declined_text() -> str:
    return gettext("The payment was declined. Your balance has not changed.")


class PaymentProvider(Protocol):
    """A provider may also have a `notice`: the text that customers read beside the pay button."""

    def pay(self, *, amount: int, request_key: str) -> Paid:
        """Charge `amount` minor units, once per `request_key`. Raises `PaymentDeclined`."""
        ...


class InstantTestProvider:
    """Accepts every payment immediately; no real money moves."""

    notice = _("Test payment: no card is needed and no real money is charged.")

    def pay(self, *, amount: int, request_key: str) -> Paid:
        return Paid(reference=f"test-{uuid.uuid4().hex[:12]}")


def provider() -> PaymentProvider:
    configured: PaymentProvider = import_string(settings.PAYMENT_PROVIDER)()
    return configured


def notice() -> StrOrPromise:
    """Return the provider's text for customers; "" if it has none."""
    return getattr(provider(), "notice", "")
