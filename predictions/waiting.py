"""What of a customer's is being worked on at this moment."""

from dataclasses import dataclass

from accounts.models import User
from predictions.models import Prediction

SHOWN = 5


@dataclass(frozen=True)
class Waiting:
    """The newest of the queued and running predictions, and how many there are in all."""

    rows: list[Prediction]
    count: int

    @property
    def state(self) -> str:
        """Another text when anything of this has changed."""
        return "-".join([str(self.count), *(f"{row.pk.hex}{row.status[0]}" for row in self.rows)])


def waiting_of(user: User) -> Waiting:
    own = Prediction.objects.of(user).pending()
    return Waiting(list(own.with_links().order_by("-created_at", "-pk")[:SHOWN]), own.count())
