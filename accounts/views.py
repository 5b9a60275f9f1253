"""Account pages: sign-up, log-in, log-out, password change, API tokens."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework_simplejwt.settings import api_settings

from accounts import interrupted, services, tokens
from accounts.access import signed_in
from accounts.forms import LoginForm, PasswordChangeForm, RegistrationForm
from accounts.redirects import wanted_page
from accounts.texts import too_many_attempts
from accounts.throttling import TooManyAttempts


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def register_view(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _go_on(request)
    # The log-in page hands over what it keeps of an interrupted form, with no sign-up filled in yet.
    form = RegistrationForm(request.POST if "username" in request.POST else None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = services.register(**form.cleaned_data, address=services.client_address(request))
        except ValidationError as error:
            form.add_error(None, error)
            status = 422
        except TooManyAttempts as error:
            return _refused(request, "accounts/register.html", form, error)
        else:
            login(request, user)
            messages.success(request, _("Welcome, %(username)s.") % {"username": user.username})
            return _go_on(request)
    return render(request, "accounts/register.html", _context(request, form), status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _go_on(request)
    form = LoginForm(request.POST if "username" in request.POST else None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = services.log_in(request, **form.cleaned_data)
        except services.WrongCredentials:
            form.add_error(None, _("The username or the password is wrong."))
            status = 422
        except TooManyAttempts as error:
            return _refused(request, "accounts/login.html", form, error)
        else:
            login(request, user)
            return _go_on(request)
    return render(request, "accounts/login.html", _context(request, form), status=status)


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin sends people here who may not enter: strangers log in, customers are told."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(f"{resolve_url('accounts:login')}?{request.GET.urlencode()}")


@require_POST
def logout_view(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("home")


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def password_view(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        held_up = user.must_change_password
        services.change_password(user, form.cleaned_data["new_password"])
        update_session_auth_hash(request, user)
        messages.success(request, _("The password is changed. Other sessions and all API tokens have ended."))
        # Whoever was held up by a one-time password goes on with the form that was interrupted.
        return redirect((held_up and interrupted.waits_at(request)) or "accounts:password")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def tokens_view(request: HttpRequest) -> HttpResponse:
    """The pair is shown once, in the answer to the POST, and kept nowhere that a page could show it again."""
    pair = tokens.issue(signed_in(request)) if request.method == "POST" else None
    context = {
        "pair": pair,
        "api_root": request.build_absolute_uri("/api/v1/"),
        "lifetime_minutes": api_settings.ACCESS_TOKEN_LIFETIME // timedelta(minutes=1),
        "refresh_days": api_settings.REFRESH_TOKEN_LIFETIME // timedelta(days=1),
    }
    return render(request, "accounts/tokens.html", context)


def _context(request: HttpRequest, form: Form) -> dict[str, object]:
    return {"form": form, "next": _next(request), **interrupted.hidden(interrupted.brought(request))}


def _refused(request: HttpRequest, template: str, form: Form, error: TooManyAttempts) -> HttpResponse:
    form.add_error(None, too_many_attempts(error.retry_after))
    response = render(request, template, _context(request, form), status=429)
    response["Retry-After"] = str(error.retry_after)
    return response


def _go_on(request: HttpRequest) -> HttpResponse:
    interrupted.keep(request, interrupted.brought(request))
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    return wanted_page(request, "predictions:dashboard")
