"""Pages of the second factor: set it up, replace recovery codes, turn it off."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import events, notices, tasks
from accounts import services as accounts
from accounts.errors import RetryLater
from accounts.models import User
from accounts.profile.forms import ProofForm
from accounts.profile.views import page_again, refused
from accounts.requests import current_user
from accounts.second_factor import qr, services
from accounts.second_factor.forms import ConfirmForm, wrong_code

# The secret is shown in the session that has begun the set-up, and in no other.
SESSION_KEY = "second_factor_setup"
PAGE = "accounts/second_factor/page.html"
SETUP = "accounts/second_factor/setup.html"


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def second_factor_view(request: HttpRequest) -> HttpResponse:
    """What is on. A POST with the password begins a set-up, also of another app."""
    user = current_user(request)
    form = ProofForm(user, request.POST if request.method == "POST" else None)
    if answer := page_again(request, PAGE, form, **_state(user)):
        return answer
    request.session[SESSION_KEY] = services.begin(user).pk
    return redirect("accounts:second-factor-setup")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def setup_view(request: HttpRequest) -> HttpResponse:
    """The QR code. A POST with a code of the app turns the second factor on, and shows the recovery codes."""
    user = current_user(request)
    device = services.begun(user)
    if device is None or device.pk != request.session.get(SESSION_KEY):
        return redirect("accounts:second-factor")
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            codes = services.confirm(user, form.cleaned_data["code"])
            return _turned_on(request, user, codes)
    except services.WrongCode:
        form.add_error("code", wrong_code())
    except RetryLater as error:
        return refused(request, SETUP, form, error, **_drawn(device))
    return render(request, SETUP, {"form": form, **_drawn(device)}, status=422 if form.errors else 200)


def _turned_on(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    """End all other sessions and tokens, which were begun with the password alone."""
    request.session.pop(SESSION_KEY, None)
    accounts.end_sessions(user)
    update_session_auth_hash(request, user)
    _told(user, notices.SECOND_FACTOR_ON)
    messages.success(request, _("Two-factor log-in is on. Other sessions and all API tokens have ended."))
    return render(request, "accounts/second_factor/codes.html", {"codes": codes})


@sensitive_post_parameters()
@sensitive_variables("codes")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def codes_view(request: HttpRequest) -> HttpResponse:
    """A POST with password and code replaces the recovery codes, and shows the new ones once."""
    user = current_user(request)
    if not services.is_on(user):
        return redirect("accounts:second-factor")
    form = ProofForm(user, request.POST if request.method == "POST" else None)
    if answer := page_again(request, "accounts/second_factor/new_codes.html", form):
        return answer
    codes = services.new_codes(user)
    _told(user, notices.RECOVERY_CODES)
    return render(request, "accounts/second_factor/codes.html", {"codes": codes})


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def turn_off_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    if not services.is_on(user):
        return redirect("accounts:second-factor")
    form = ProofForm(user, request.POST if request.method == "POST" else None)
    if answer := page_again(request, "accounts/second_factor/off.html", form):
        return answer
    services.turn_off(user)
    _told(user, notices.SECOND_FACTOR_OFF)
    messages.success(request, _("Two-factor log-in is off."))
    return redirect("accounts:second-factor")


@sensitive_post_parameters()
@require_POST
@never_cache
@login_required
def download_view(request: HttpRequest) -> HttpResponse:
    """Send the codes that the page shows back as a file: the server does not have them any more."""
    lines = request.POST.getlist("code")[: services.NUMBER_OF_CODES]
    codes = [line for line in lines if services.RECOVERY_CODE.fullmatch(line)]
    response = HttpResponse(
        "".join(f"{code}\r\n" for code in codes), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def _state(user: User) -> dict[str, object]:
    return {"is_on": services.is_on(user), "codes_left": services.codes_left(user)}


def _drawn(device: TOTPDevice) -> dict[str, object]:
    return {"picture": qr.picture(device), "secret": qr.secret(device)}


def _told(user: User, notice: str) -> None:
    events.account_changed(user, notice)
    tasks.notify(notice, user.email, user.get_username())
