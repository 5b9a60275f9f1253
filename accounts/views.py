"""Account pages: sign-up, log-in, log-out, password change, API tokens."""

from datetime import timedelta

from django.conf import settings
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

from accounts import form_drafts, services, tokens
from accounts.attempts.devices import remember_device
from accounts.errors import RetryLater, retry_later_text
from accounts.forms import LoginForm, PasswordChangeForm, RegistrationForm
from accounts.keys.services import live_keys
from accounts.models import User
from accounts.requests import client_network, current_user, next_page
from accounts.second_factor import log_in as second_step
from accounts.second_factor.forms import LoginCodeForm, wrong_code
from accounts.second_factor.services import CodeRequired, WrongCode
from accounts.sessions.services import note_client
from accounts.webhooks import endpoints


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def register_view(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _proceed(request)
    form = RegistrationForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = services.register(**form.cleaned_data, network=client_network(request))
        except ValidationError as error:
            form.add_error(None, error)
            status = 422
        except RetryLater as error:
            return _refused(request, "accounts/register.html", form, error)
        else:
            messages.success(request, _("Welcome, %(username)s.") % {"username": user.username})
            return _logged_in(request, user)
    return render(request, "accounts/register.html", _context(request, form), status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _proceed(request)
    form = LoginForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            user = services.log_in(request, **form.cleaned_data)
        except services.WrongCredentials:
            form.add_error(None, _("Incorrect username or password."))
            status = 422
        except CodeRequired as asked:
            return _code_page(request, asked.user, LoginCodeForm())
        except RetryLater as error:
            return _refused(request, "accounts/login.html", form, error)
        else:
            return _logged_in(request, user)
    return render(request, "accounts/login.html", _context(request, form), status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login_code_view(request: HttpRequest) -> HttpResponse:
    """The second step. What the first one has proved is in a hidden input; without it, that comes first."""
    if request.user.is_authenticated:
        return _proceed(request)
    user = second_step.user_of(request)
    if user is None:
        form = LoginForm()
        if request.method == "POST":
            messages.warning(request, _("The log-in took too long. Enter your password again."))
        return render(request, "accounts/login.html", _context(request, form))
    form_of_code = LoginCodeForm(request.POST)
    if not form_of_code.is_valid():
        return _code_page(request, user, form_of_code, 422)
    try:
        services.log_in_with_code(request, user, form_of_code.cleaned_data["code"])
    except (CodeRequired, WrongCode):
        form_of_code.add_error("code", wrong_code())
        return _code_page(request, user, form_of_code, 422)
    except RetryLater as error:
        form_of_code.add_error(None, retry_later_text(error))
        page = _code_page(request, user, form_of_code, error.status)
        page["Retry-After"] = str(error.retry_after)
        return page
    return _logged_in(request, user)


def _code_page(request: HttpRequest, user: User, form: Form, status: int = 200) -> HttpResponse:
    context = {**_context(request, form), second_step.INPUT: second_step.token_for(user)}
    return render(request, "accounts/second_factor/login.html", context, status=status)


def admin_login(request: HttpRequest) -> HttpResponse:
    """Where the admin redirects users without access: to the login, or a 403 if they are logged in."""
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
    user = current_user(request)
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    had_to_change = user.must_change_password
    try:
        if not form.is_valid():
            status = 422 if form.errors else 200
            context = {"form": form, **_programs(user)}
            return render(request, "accounts/password.html", context, status=status)
        services.change_password(user, form.cleaned_data["new_password"])
    except RetryLater as error:
        return _refused(request, "accounts/password.html", form, error)
    update_session_auth_hash(request, user)
    messages.success(
        request,
        _("Password changed. Other sessions and all API tokens are no longer valid."),
    )
    if not had_to_change:
        return redirect("accounts:password")
    # Before the password change the user may have logged in to continue with a form.
    return redirect(form_drafts.stored_address(request) or _next(request))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def tokens_view(request: HttpRequest) -> HttpResponse:
    """A POST creates a pair of tokens and shows it once; it is not stored."""
    pair = tokens.issue(current_user(request)) if request.method == "POST" else None
    context = {
        "pair": pair,
        "api_root": request.build_absolute_uri("/api/v1/"),
        "lifetime_minutes": api_settings.ACCESS_TOKEN_LIFETIME // timedelta(minutes=1),
        "refresh_days": api_settings.REFRESH_TOKEN_LIFETIME // timedelta(days=1),
        **_programs(current_user(request)),
    }
    return render(request, "accounts/tokens.html", context)


@login_required
@require_POST
def revoke_tokens_view(request: HttpRequest) -> HttpResponse:
    tokens.revoke_all(current_user(request))
    messages.success(request, _("All your API tokens have been revoked."))
    return redirect("accounts:tokens")


@login_required
@require_POST
def end_programs_view(request: HttpRequest) -> HttpResponse:
    services.end_programs(current_user(request))
    messages.success(request, _("All API keys are revoked, and all webhooks are switched off."))
    return redirect("accounts:password")


def _programs(user: User) -> dict[str, object]:
    """Return what keeps working when the password changes and when tokens are revoked."""
    return {
        "keys": live_keys(user).order_by("-created_at", "-pk"),
        "webhooks": endpoints.of(user).filter(active=True).order_by("-created_at", "-pk"),
    }


def _context(request: HttpRequest, form: Form) -> dict[str, object]:
    draft = form_drafts.from_login_page(request)
    return {"form": form, "next": _next(request), **form_drafts.login_context(draft)}


def _refused(request: HttpRequest, template: str, form: Form, error: RetryLater) -> HttpResponse:
    form.add_error(None, retry_later_text(error))
    response = render(request, template, _context(request, form), status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response


def _logged_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user)
    note_client(request)
    response = _proceed(request)
    remember_device(request, response, user)
    return response


def _proceed(request: HttpRequest) -> HttpResponse:
    form_drafts.store(request, form_drafts.from_login_page(request))
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    return next_page(request, settings.LOGIN_REDIRECT_URL)
