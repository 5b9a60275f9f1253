"""Payment providers that do not simply accept."""

from typing import ClassVar

from billing import payments


class FirstPaymentFails:
    """Declines the first payment. A key always gets its first answer, as providers do it."""

    declined: ClassVar[list[str]]

    def pay(self, *, amount: int, request_key: str) -> payments.Paid:
        if not self.declined:
            self.declined.append(request_key)
        if request_key in self.declined:
            raise payments.PaymentDeclined
        return payments.Paid(f"paid {amount}")
