"""Every route of the service, read from the URL configuration, with addresses for a victim's things."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User, WebhookDelivery
from accounts.webhooks import endpoints
from accounts.webhooks.events import PING
from predictions.models import Comparison, Prediction

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ADMIN_SITE = "admin"


@dataclass(frozen=True)
class SiteRoute:
    """A named route; `keys` are the names of its arguments."""

    name: str
    keys: tuple[str, ...]

    @property
    def space(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""

    def path(self, prediction: Prediction, comparison: Comparison) -> str:
        """Return the address for the owner's things, or for any object of an admin's model."""
        return reverse(
            self.name, kwargs={key: self._argument(key, prediction, comparison) for key in self.keys}
        )

    def _argument(self, key: str, prediction: Prediction, comparison: Comparison) -> Any:
        if self.space == ADMIN_SITE and key in ("object_id", "pk", "id"):
            return _admin_object(self.name, prediction, comparison)
        fixed = {
            "slug": "catboost",
            "guide": "webhooks",
            "app_label": "billing",
            "uidb64": "x",
            "token": "x",
            "content_type_id": 1,
            "line": 2,
            "version": "1.0.0",
            "link": prediction.pk,
            "code": "0000-0000-0000-0000",
        }
        if "webhook" in self.name and key in ("pk", "delivery"):
            delivery = _delivery_of(prediction.user)
            return delivery.endpoint_id if key == "pk" else delivery.pk
        owned = comparison if "comparison" in self.name else prediction
        return fixed.get(key, owned.pk)


def _delivery_of(user: User) -> WebhookDelivery:
    """Return one of the user's only webhook, which is made if there is none."""
    delivery = WebhookDelivery.objects.filter(endpoint__user=user).first()
    if delivery is None:
        delivery = endpoints.send_test(endpoints.create(user, url="https://1.1.1.1/", types=[PING])[0])
    return delivery


def site_routes() -> list[SiteRoute]:
    return [SiteRoute(name, keys) for name, keys in _named(get_resolver().url_patterns, ())]


def _named(
    patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _named(pattern.url_patterns, inner)
        elif pattern.name:
            yield ":".join((*spaces, pattern.name)), tuple(sorted(pattern.pattern.regex.groupindex))


def _admin_object(name: str, prediction: Prediction, comparison: Comparison) -> Any:
    """Return the primary key of the owner's object of the model that an admin's route is about."""
    owner = prediction.user
    wallet = prediction.charge.wallet
    own: dict[str, Model] = {
        "accounts_user": owner,
        "auth_user": owner,
        "billing_wallet": wallet,
        "billing_entry": prediction.charge,
        "predictions_prediction": prediction,
        "predictions_scoringmodel": prediction.model,
        "predictions_comparison": comparison,
        # There is no training: any key will do.
        "predictions_trainingrun": prediction,
    }
    for prefix, found in own.items():
        if name.startswith(f"admin:{prefix}_"):
            return found.pk
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            first = model._default_manager.first()
            return first.pk if first else 1
    return 1
