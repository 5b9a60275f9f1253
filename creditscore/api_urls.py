"""Every route of the API, version 1."""

from django.urls import path

from accounts import api as accounts
from accounts.webhooks import api as webhooks
from billing import api as billing
from billing.keys import api as keys
from creditscore.reference.schema import SchemaView
from predictions.api import batches, comparisons, decisions, outcomes, results, sharing
from predictions.api import orders as predictions

app_name = "api"
urlpatterns = [
    path("auth/register/", accounts.RegisterView.as_view(), name="register"),
    path("auth/token/", accounts.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", accounts.RefreshView.as_view(), name="refresh"),
    path("auth/logout/", accounts.LogoutView.as_view(), name="logout"),
    path("api-keys/", keys.ApiKeysView.as_view(), name="api-keys"),
    path("api-keys/<id:pk>/", keys.ApiKeyView.as_view(), name="api-key"),
    path("api-keys/<id:pk>/rotate/", keys.RotateView.as_view(), name="api-key-rotate"),
    path("me/", billing.MeView.as_view(), name="me"),
    path("balance/", billing.BalanceView.as_view(), name="balance"),
    path("top-ups/", billing.TopUpsView.as_view(), name="top-ups"),
    path("transactions/", billing.TransactionsView.as_view(), name="transactions"),
    path("models/", predictions.ModelsView.as_view(), name="models"),
    path("models/<slug:slug>/", predictions.ModelView.as_view(), name="model"),
    path("decision-policy/", decisions.DecisionPolicyView.as_view(), name="decision-policy"),
    path("predictions/", predictions.PredictionsView.as_view(), name="predictions"),
    path("predictions/<id:pk>/", predictions.PredictionView.as_view(), name="prediction"),
    path("predictions/<id:pk>/cancel/", predictions.CancelView.as_view(), name="prediction-cancel"),
    path("predictions/<id:pk>/explanation/", results.ExplanationView.as_view(), name="explanation"),
    path("predictions/<id:pk>/outcome/", outcomes.OutcomeView.as_view(), name="outcome"),
    path("predictions/<id:pk>/what-if/", results.WhatIfView.as_view(), name="what-if"),
    path("predictions/<id:pk>/curve/", results.CurveView.as_view(), name="curve"),
    path("predictions/<id:pk>/check/", results.CheckView.as_view(), name="check"),
    path("predictions/<id:pk>/links/", sharing.LinksView.as_view(), name="links"),
    path("predictions/<id:pk>/links/<id:link>/", sharing.LinkView.as_view(), name="link"),
    path(
        "predictions/<id:pk>/document/",
        sharing.PredictionDocumentView.as_view(),
        name="prediction-document",
    ),
    path("documents/<str:code>/", sharing.DocumentView.as_view(), name="document"),
    path("comparisons/", comparisons.ComparisonsView.as_view(), name="comparisons"),
    path("comparisons/<id:pk>/", comparisons.ComparisonView.as_view(), name="comparison"),
    path("comparisons/<id:pk>/outcome/", outcomes.ComparisonOutcomeView.as_view(), name="comparison-outcome"),
    path("comparisons/<id:pk>/cancel/", comparisons.CancelView.as_view(), name="comparison-cancel"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<id:pk>/", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<id:pk>/rotate/", webhooks.RotateView.as_view(), name="webhook-rotate"),
    path("webhooks/<id:pk>/test/", webhooks.TestView.as_view(), name="webhook-test"),
    path("webhooks/<id:pk>/replay/", webhooks.ReplayFailedView.as_view(), name="webhook-replay"),
    path("webhooks/<id:pk>/deliveries/", webhooks.DeliveriesView.as_view(), name="webhook-deliveries"),
    path(
        "webhooks/<id:pk>/deliveries/<id:delivery>/",
        webhooks.DeliveryView.as_view(),
        name="webhook-delivery",
    ),
    path(
        "webhooks/<id:pk>/deliveries/<id:delivery>/replay/",
        webhooks.ReplayView.as_view(),
        name="webhook-delivery-replay",
    ),
    path("batches/", batches.BatchesView.as_view(), name="batches"),
    path("batches/<id:pk>/", batches.BatchView.as_view(), name="batch"),
    path("batches/<id:pk>/confirm/", batches.ConfirmView.as_view(), name="batch-confirm"),
    path("batches/<id:pk>/quote/", batches.QuoteView.as_view(), name="batch-quote"),
    path("batches/<id:pk>/cancel/", batches.CancelView.as_view(), name="batch-cancel"),
    path("batches/<id:pk>/results.csv", batches.ResultsView.as_view(), name="batch-results"),
    path("batches/<id:pk>/errors.csv", batches.ErrorsView.as_view(), name="batch-errors"),
    path("batches/<id:pk>/outcomes/", outcomes.BatchOutcomesView.as_view(), name="batch-outcomes"),
    path("outcomes/", outcomes.OutcomesView.as_view(), name="outcomes"),
    path("schema/", SchemaView.as_view(), name="schema"),
]
