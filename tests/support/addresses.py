"""The URLs of all pages."""

from django.urls import reverse

from predictions.models import Prediction

MODELS = ("logistic-regression", "random-forest", "catboost")
# A payment form without a key is redirected to an address with a new one.
FORM = "form=0f1de5a2-6c0b-4f0e-9d53-0a4ac1c5b7d1"
PUBLIC = [
    reverse("home"),
    reverse("predictions:models"),
    *(reverse("predictions:model", args=[slug]) for slug in MODELS),
    reverse("accounts:login"),
    reverse("accounts:register"),
    reverse("accounts:reset"),
    reverse("accounts:reset-sent"),
    reverse("accounts:reset-done"),
    reverse("predictions:verify"),
    reverse("accounts:email-confirm", args=["x", "x-x"]),
    reverse("docs"),
    reverse("reference:quickstart"),
    reverse("reference:errors"),
    reverse("reference:guide", args=["webhooks"]),
    reverse("reference:group", args=["predictions"]),
    reverse("reference:group", args=["balance"]),
    "/there-is-no-such-page",
]
OWN = [
    reverse("predictions:dashboard"),
    reverse("predictions:new") + f"?{FORM}",
    reverse("predictions:new") + f"?example=1&{FORM}",
    reverse("predictions:comparison-new") + f"?{FORM}",
    reverse("predictions:batches"),
    reverse("predictions:batch-new") + f"?{FORM}",
    reverse("predictions:outcomes"),
    reverse("predictions:history"),
    reverse("predictions:history") + "?label=x&status=failed&since=2020-01-01&sort=highest",
    reverse("predictions:history") + "?until=nonsense&comparisons=on&sort=oldest",
    reverse("billing:top-up") + f"?{FORM}",
    reverse("predictions:transactions"),
    reverse("predictions:statement"),
    reverse("keys:keys"),
    reverse("accounts:tokens"),
    reverse("accounts:webhooks"),
    reverse("accounts:webhook-new"),
    reverse("billing:low-balance"),
    reverse("accounts:account"),
    reverse("accounts:email"),
    reverse("accounts:second-factor"),
    reverse("predictions:account-export"),
    reverse("predictions:account-delete"),
    reverse("accounts:sessions"),
    reverse("accounts:password"),
]
API = [
    reverse("docs"),
    reverse("api:models"),
    reverse("api:predictions"),
    reverse("api:me"),
    reverse("api:webhooks"),
    reverse("api:api-keys"),
]
ADMIN = [
    reverse("admin:index"),
    *(
        reverse(f"admin:{name}_changelist")
        for name in (
            "accounts_user",
            "accounts_apikey",
            "accounts_sitetext",
            "accounts_webhookendpoint",
            "accounts_webhookdelivery",
            "billing_wallet",
            "billing_entry",
            "predictions_prediction",
            "predictions_outcome",
            "predictions_policychange",
            "predictions_scoringmodel",
            "predictions_trainingrun",
        )
    ),
    reverse("admin:predictions_backtests"),
    reverse("admin:predictions_trainingrun_add"),
]


def page_of(prediction: Prediction) -> str:
    return reverse("predictions:detail", args=[prediction.pk])
