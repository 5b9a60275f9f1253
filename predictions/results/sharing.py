"""Links by which a customer shows one result to people without an account."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.errors import CustomerError
from predictions.models import Prediction, ShareLink
from predictions.results.what_if import NotFinished

# Days after which a link expires.
LIFETIMES = (1, 7, 30, 90)
MAX_WORKING = 20
TOKEN_BYTES = 32


class TooManyLinks(CustomerError):
    """A result has `MAX_WORKING` links that work."""

    status = 409
    code = "too_many_links"


def create_link(prediction: Prediction, *, days: int, with_details: bool) -> tuple[ShareLink, str]:
    """Return a new link to the result and its secret token, which is nowhere else.

    `with_details` shows the application and the reasons, too. Raises `NotFinished`, `TooManyLinks`.
    """
    if days not in LIFETIMES:
        raise ValueError(f"a link is for one of {LIFETIMES} days")
    if prediction.approval_probability is None:
        raise NotFinished
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        # Requests at the same time come one after the other, so that together they cannot pass the limit.
        Prediction.objects.select_for_update(of=("self",), no_key=True).get(pk=prediction.pk)
        if prediction.share_links.working().count() >= MAX_WORKING:
            raise TooManyLinks
        link = ShareLink.objects.create(
            prediction=prediction,
            token_sha256=_digest(token),
            with_details=with_details,
            expires_at=timezone.now() + timedelta(days=days),
        )
    return link, token


def revoke_link(prediction: Prediction, public_id: uuid.UUID) -> bool:
    """End a link of this result at once. False if it has no such link that works."""
    links = prediction.share_links.working().filter(token_sha256__startswith=public_id.hex)
    return bool(links.update(revoked_at=timezone.now()))


def find_link(token: str) -> ShareLink | None:
    """Return the link with this token and its prediction; None if it is unknown, expired or revoked."""
    # Those of a deleted account end with it; its rows are emptied a little later.
    links = ShareLink.objects.working().filter(prediction__user__deleted_at__isnull=True)
    links = links.select_related("prediction__model")
    return links.filter(token_sha256=_digest(token)).first()


def _digest(token: str) -> str:
    """A token has 256 random bits, so one fast hash is enough, as for API keys."""
    return hashlib.sha256(token.encode()).hexdigest()
