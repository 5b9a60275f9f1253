"""Where the money of a top-up comes from.

A provider that pays out of the page answers `Paid` at once. One that sends the customer elsewhere
would be a page of its own that calls `services.record_payment` from its webhook, with the
provider's reference as the key: a webhook that comes twice books once.
"""

import uuid
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.errors import CustomerError


@dataclass(frozen=True)
class Paid:
    """The provider has the money; `reference` is its name for the payment."""

    reference: str


class PaymentDeclined(CustomerError):
    """The customer's money was not taken."""

    status = 402
    code = "payment_declined"


class PaymentProvider(Protocol):
    # What customers read beside the pay button.
    notice: StrOrPromise

    def pay(self, *, amount: int, request_key: str) -> Paid:
        """Take `amount` minor units, once for each `request_key`. Raises `PaymentDeclined`."""
        ...


class InstantTestProvider:
    """Pays everything at once with money that does not exist."""

    notice = _("This is a test payment: no card is asked for and no real money moves.")

    def pay(self, *, amount: int, request_key: str) -> Paid:
        return Paid(reference=f"test-{uuid.uuid4().hex[:12]}")


def provider() -> PaymentProvider:
    configured: PaymentProvider = import_string(settings.PAYMENT_PROVIDER)()
    return configured
