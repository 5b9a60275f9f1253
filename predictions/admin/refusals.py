"""What the pages of versions say when something is refused."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from predictions.lifecycle import sales

# The right to change what is sold, and to name challengers.
PROMOTE = "predictions.promote_version"
# The right to train new versions.
TRAIN = "predictions.train_version"


def forbidden(request: HttpRequest, text: str) -> HttpResponse:
    messages.error(request, text)
    return redirect("admin:index")


def refusal_text(refusal: sales.NotPromoted) -> str:
    """Return why nothing has changed. Raises `refusal` if it has no text."""
    match refusal:
        case sales.Unusable():
            text = _("Nothing has changed. This version cannot be used: %(problem)s")
            return text % {"problem": refusal.problem}
        case sales.AlreadyOnSale():
            return _("This version is on sale already.")
        case sales.ChangedMeanwhile():
            return _("Nothing has changed: somebody else has just changed it. Look again.")
    raise refusal
