"""The page of API keys: create, replace, revoke, and what each key did."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import form_drafts
from accounts.keys import services as keys
from accounts.models import ApiKey, User
from accounts.requests import current_user
from billing.keys import usage
from billing.keys.forms import KeyForm, RotationForm
from billing.models import KeyDay

# So many days of usage are shown, and keys that have ended since, the newest of them.
DAYS = 30
MAX_ENDED = 20


@dataclass(frozen=True)
class KeyPanel:
    """A key as the page shows it, with its days, the newest first."""

    key: ApiKey
    days: list[KeyDay]
    spent_today: int
    rotation: RotationForm


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def keys_view(request: HttpRequest) -> HttpResponse:
    """A POST creates a key and shows it once; only its hash is stored."""
    if request.method != "POST":
        form = KeyForm(initial=form_drafts.pop(request) or {"read": True, "predict": True})
        return _page(request, form)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        new = keys.create(current_user(request), **form.cleaned_data)
    except keys.TooManyKeys as refusal:
        form.add_error(None, _("An account can have %(number)s keys at most.") % {"number": keys.MAX_KEYS})
        return _page(request, form, status=refusal.status)
    return _page(request, KeyForm(initial={"read": True, "predict": True}), new=new)


@never_cache
@login_required
@require_POST
def rotate_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Shows the new key once."""
    key, form = _own(request, pk), RotationForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        new = keys.rotate(key, timedelta(hours=form.cleaned_data["grace_hours"]))
    except keys.TooManyKeys:
        messages.error(request, _("An account can have %(number)s keys at most.") % {"number": keys.MAX_KEYS})
        return redirect("keys:keys")
    if new is None:
        raise Http404
    return _page(request, KeyForm(initial={"read": True, "predict": True}), new=new)


@login_required
@require_POST
def revoke_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    key = _own(request, pk)
    keys.revoke(keys.live_keys(current_user(request)).filter(pk=pk))
    messages.success(request, _("The key “%(name)s” has been revoked.") % {"name": key.name})
    return redirect("keys:keys")


def _own(request: HttpRequest, pk: uuid.UUID) -> ApiKey:
    key = keys.get_live(current_user(request), pk)
    if key is None:
        raise Http404
    return key


def _page(
    request: HttpRequest, form: KeyForm, *, new: keys.NewKey | None = None, status: int = 200
) -> HttpResponse:
    user = current_user(request)
    live, ended = list(keys.live_keys(user).order_by("-created_at", "-pk")), _ended(user)
    days = usage.days_of([*live, *ended], DAYS)
    context = {
        "form": form,
        "new": new,
        "panels": [_panel(key, days[key.pk]) for key in live],
        "ended": [_panel(key, days[key.pk]) for key in ended],
        "api_root": request.build_absolute_uri("/api/v1/"),
        "days": DAYS,
    }
    return render(request, "billing/keys/keys.html", context, status=status)


def _ended(user: User) -> list[ApiKey]:
    since = timezone.now() - timedelta(days=DAYS)
    return list(keys.ended_keys(user, since).order_by("-created_at", "-pk")[:MAX_ENDED])


def _panel(key: ApiKey, days: list[KeyDay]) -> KeyPanel:
    today = timezone.now().date()
    spent = sum(day.spent for day in days if day.date == today)
    return KeyPanel(key, days, spent, RotationForm(auto_id=f"id_{key.pk.hex}_%s"))
