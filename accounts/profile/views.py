"""The account page, and the pages that change the email address."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import events, notices, tasks
from accounts.errors import RetryLater, retry_later_text
from accounts.models import User
from accounts.profile import services
from accounts.profile.forms import EmailForm, PreferencesForm
from accounts.requests import current_user
from accounts.second_factor import services as second_factor


@require_POST
def language_view(request: HttpRequest) -> HttpResponseBase:
    """Django's switch of the language, which the account remembers too."""
    answer = set_language(request)
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and language in dict(settings.LANGUAGES):
        services.save_language(request.user, language)
    return answer


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def account_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    stored = {
        "name": user.get_full_name(),
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": user.theme,
    }
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=stored)
    if not form.is_valid():
        context = {"form": form, "second_factor": second_factor.is_on(user)}
        status = 422 if form.errors else 200
        return render(request, "accounts/profile/account.html", context, status=status)
    services.save_preferences(user, **form.cleaned_data)
    translation.activate(user.language or translation.get_language())
    messages.success(request, _("Saved."))
    return redirect("accounts:account")


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def email_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = EmailForm(user, request.POST if request.method == "POST" else None)
    template = "accounts/profile/email.html"
    if answer := page_again(
        request, template, form, lambda: services.request_email(user, form.cleaned_data["email"])
    ):
        return answer
    return _send_link(request, user)


@login_required
@require_POST
def send_link_view(request: HttpRequest) -> HttpResponse:
    """Mail the link again, or for the first time to the address of the sign-up."""
    user = current_user(request)
    try:
        services.request_email(user, user.pending_email or user.email)
    except RetryLater as error:
        messages.error(request, retry_later_text(error))
        return redirect("accounts:account")
    return _send_link(request, user)


def _send_link(request: HttpRequest, user: User) -> HttpResponse:
    try:
        tasks.request_email_link(user)
    except tasks.MailUnavailable:
        messages.error(request, _("We cannot send email right now. Try again later."))
    else:
        text = _("We have sent a link to %(email)s. Follow it within one hour.")
        messages.success(request, text % {"email": user.pending_email})
    return redirect("accounts:account")


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_email_view(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """The page of the link. Programs follow links in mails, so only its button confirms."""
    template = "accounts/profile/email_confirm.html"
    try:
        user = services.user_of_link(uidb64, token)
        if request.method == "GET":
            return render(request, template, {"owner": user})
        user, old = services.confirm_email(uidb64, token)
    except services.InvalidLink:
        return render(request, template, status=404)
    events.account_changed(user, "email confirmed")
    if old != user.email:
        tasks.notify(notices.EMAIL_CHANGED, old, user.get_username())
    messages.success(request, _("Your email address is confirmed."))
    return redirect("accounts:account")


def page_again(
    request: HttpRequest,
    template: str,
    form: Form,
    step: Callable[[], object] = lambda: None,
    /,
    **context: object,
) -> HttpResponse | None:
    """Do the `step` of a right form and return None, or else the page with what is wrong or has to wait."""
    try:
        if form.is_valid():
            step()
            return None
    except RetryLater as error:
        return refused(request, template, form, error, **context)
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)


def refused(
    request: HttpRequest, template: str, form: Form, error: RetryLater, **context: object
) -> HttpResponse:
    """Return the form with the reason why it has to wait."""
    form.add_error(None, retry_later_text(error))
    response = render(request, template, {"form": form, **context}, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response
