"""The page of sessions and API tokens."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import events
from accounts.requests import current_user
from accounts.sessions import services


@require_GET
@never_cache
@login_required
def sessions_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    context = {
        "devices": services.devices(user, request.session.session_key),
        "families": services.token_families(user),
    }
    return render(request, "accounts/sessions/list.html", context)


@require_POST
@login_required
def end_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = current_user(request)
    key = services.key_of(user, pk)
    if key is None:
        raise Http404
    if key == request.session.session_key:
        logout(request)
        return redirect("home")
    services.end(user, key)
    messages.success(request, _("The session has ended."))
    return redirect("accounts:sessions")


@require_POST
@login_required
def end_others_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    services.end_others(user, request.session.session_key)
    update_session_auth_hash(request, user)
    events.account_changed(user, "other sessions ended")
    messages.success(request, _("All other sessions and all API tokens have ended."))
    return redirect("accounts:sessions")


@require_POST
@login_required
def end_family_view(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not services.end_family(current_user(request), pk):
        raise Http404
    messages.success(request, _("These API tokens have ended."))
    return redirect("accounts:sessions")
