"""The pages of webhooks."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import form_drafts
from accounts.errors import CustomerError, RetryLater
from accounts.keyset import NEWEST_FIRST
from accounts.pagination import site_page
from accounts.requests import current_user
from accounts.webhooks import addresses, client, endpoints, notices
from accounts.webhooks.forms import LABELS, EndpointForm, ReplayForm
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint


@never_cache
@login_required
@require_GET
def webhooks_view(request: HttpRequest) -> HttpResponse:
    rows = endpoints.of(current_user(request)).order_by("-created_at", "-pk")
    context = {"rows": rows, "full": len(rows) >= endpoints.MAX_ENDPOINTS, "most": endpoints.MAX_ENDPOINTS}
    return render(request, "accounts/webhooks/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_view(request: HttpRequest) -> HttpResponse:
    """The form; or make an endpoint and show its secret once, which is not stored."""
    if request.method == "GET":
        return _form(request, EndpointForm(initial=form_drafts.pop(request)))
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            endpoint, secret = endpoints.create(
                current_user(request), url=form.cleaned_data["url"], types=form.types
            )
        except CustomerError as refusal:
            _explain(form, refusal)
        else:
            return _detail(request, endpoint, secret=secret)
    return _form(request, form, status=422)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def edit_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    if request.method == "GET":
        draft = form_drafts.pop(request)
        return _form(request, EndpointForm(initial=draft or EndpointForm.initial_of(endpoint)), endpoint)
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            endpoints.change(endpoint, url=form.cleaned_data["url"], types=form.types)
        except CustomerError as refusal:
            _explain(form, refusal)
        else:
            messages.success(request, _("Webhook saved."))
            return redirect("accounts:webhook", pk)
    return _form(request, form, endpoint, status=422)


@never_cache
@login_required
@require_GET
def webhook_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _detail(request, _endpoint(request, pk))


@never_cache
@login_required
@require_POST
def rotate_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the new secret once."""
    endpoint = _endpoint(request, pk)
    return _detail(request, endpoint, secret=endpoints.rotate(endpoint), rotated=True)


@login_required
@require_POST
def switch_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Switch on or off, whatever the button said."""
    active = request.POST.get("active") == "1"
    endpoints.change(_endpoint(request, pk), active=active)
    messages.success(request, _("Webhook switched on.") if active else _("Webhook switched off."))
    return redirect("accounts:webhook", pk)


@login_required
@require_POST
def delete_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    endpoints.delete(_endpoint(request, pk))
    messages.success(request, _("Webhook deleted."))
    return redirect("accounts:webhooks")


@login_required
@require_POST
def test_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        delivery = endpoints.send_test(_endpoint(request, pk))
    except endpoints.WebhookOff:
        messages.error(request, _("Switch the webhook on first."))
        return redirect("accounts:webhook", pk)
    messages.success(request, _("Test sent. Reload the page to see the answer."))
    return redirect("accounts:webhook-delivery", pk, delivery.pk)


@login_required
@require_POST
def replay_failed_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    endpoint, form = _endpoint(request, pk), ReplayForm(request.POST)
    if not form.is_valid():
        return _detail(request, endpoint, replay=form, status=422)
    try:
        count = endpoints.replay_failed(endpoint, form.beginning)
    except endpoints.WebhookOff:
        messages.error(request, _("Switch the webhook on first."))
    else:
        text = ngettext("%(count)d delivery sent again.", "%(count)d deliveries sent again.", count)
        messages.success(request, text % {"count": count})
    return redirect("accounts:webhook", pk)


@never_cache
@login_required
@require_GET
def delivery_view(request: HttpRequest, pk: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    row = _delivery(request, pk, delivery)
    context = {
        "delivery": row,
        "endpoint": row.endpoint,
        "error": notices.error_text(row.error, row.response_status),
        "headers": client.shown_headers(row).items(),
    }
    return render(request, "accounts/webhooks/delivery.html", context)


@login_required
@require_POST
def replay_view(request: HttpRequest, pk: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    try:
        endpoints.replay(_delivery(request, pk, delivery))
    except endpoints.WebhookOff:
        messages.error(request, _("Switch the webhook on first."))
    else:
        messages.success(request, _("Sent again. Reload the page to see the answer."))
    return redirect("accounts:webhook-delivery", pk, delivery)


def _endpoint(request: HttpRequest, pk: uuid.UUID) -> WebhookEndpoint:
    return get_object_or_404(endpoints.of(current_user(request)), pk=pk)


def _delivery(request: HttpRequest, pk: uuid.UUID, delivery: uuid.UUID) -> WebhookDelivery:
    rows = _endpoint(request, pk).deliveries.select_related("endpoint__user")
    return get_object_or_404(rows, pk=delivery)


def _form(
    request: HttpRequest, form: EndpointForm, endpoint: WebhookEndpoint | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "accounts/webhooks/form.html", {"form": form, "endpoint": endpoint}, status=status)


def _detail(
    request: HttpRequest,
    endpoint: WebhookEndpoint,
    *,
    replay: ReplayForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    page = site_page(endpoint.deliveries.all(), request, NEWEST_FIRST)
    context = {
        "endpoint": endpoint,
        "events": [LABELS[kind] for kind in endpoint.events],
        "error": notices.error_text(endpoint.last_error, endpoint.last_status),
        "rows": page.rows,
        # The address of an action is no page.
        "next": page.next if request.method == "GET" else None,
        "previous": page.previous if request.method == "GET" else None,
        "replay": replay or ReplayForm(),
        **more,
    }
    return render(request, "accounts/webhooks/detail.html", context, status=status)


def _explain(form: EndpointForm, refusal: CustomerError) -> None:
    """Raises `RetryLater`, which has a page of its own."""
    if isinstance(refusal, RetryLater):
        raise refusal
    texts = {
        addresses.InvalidUrl: _("Enter an https:// address without a user name, on port 443 or above 1023."),
        addresses.HostNotAscii: _("Write the host name in ASCII, in its form xn--…."),
        addresses.AddressForbidden: _("This host is not on the public internet."),
        endpoints.TooManyWebhooks: _("You have reached the limit of webhooks. Delete one first."),
    }
    form.add_error(refusal.field or None, texts[type(refusal)])
