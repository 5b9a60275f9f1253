"""Password reset by an e-mailed link that works once and for a limited time."""

from typing import Any

from django import forms
from django.contrib.auth.views import (
    PasswordResetCompleteView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext as _

from accounts import services, tasks, throttling
from accounts.attempts.devices import remember_device
from accounts.errors import CustomerError, retry_text
from accounts.forms import new_password_field
from accounts.models import User
from accounts.requests import client_network


class NewPasswordForm(forms.Form):
    """One password input, as in the other forms. Django's view passes the user and calls `save`."""

    new_password = new_password_field()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_new_password(self) -> str:
        return services.checked_password(str(self.cleaned_data["new_password"]), self.user)

    def save(self) -> User:
        services.change_password(self.user, self.cleaned_data["new_password"])
        return self.user


class RequestView(PasswordResetView):
    """Has the links mailed. The response is the same whether or not an account has the address."""

    template_name = "accounts/reset/ask.html"
    success_url = reverse_lazy("accounts:reset-sent")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            counted = throttling.take(throttling.RESETS, client_network(request))
        except throttling.TooManyAttempts as error:
            return self._refused(error, _("Too many requests from your IP address."))
        self.counted = counted
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"]
        try:
            # A cache that has not answered is not asked again.
            if self.counted:
                throttling.take(throttling.RESETS_OF_EMAIL, email.casefold())
            tasks.request_reset_links(email)
        except throttling.TooManyAttempts as error:
            return self._refused(error, _("Too many requests for this email address."))
        except tasks.MailUnavailable as error:
            return self._refused(error, _("We cannot send email right now."))
        return redirect(self.success_url)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _refused(self, error: CustomerError, reason: str) -> HttpResponse:
        seconds = error.retry_after or 0
        context = self.get_context_data(refused=f"{reason} {retry_text(seconds)}")
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=error.status, headers=headers)


class ConfirmView(PasswordResetConfirmView):
    template_name = "accounts/reset/confirm.html"
    form_class = NewPasswordForm  # type: ignore[assignment]  # has what the view needs
    success_url = reverse_lazy("accounts:reset-done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password. The owner of the mailbox is at this device, so it is known from now on."""
        response = super().form_valid(form)
        remember_device(self.request, response, form.user)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SentView(PasswordResetDoneView):
    template_name = "accounts/reset/sent.html"


class DoneView(PasswordResetCompleteView):
    template_name = "accounts/reset/done.html"


urlpatterns: list[URLPattern] = [
    path("reset/", RequestView.as_view(), name="reset"),
    path("reset/sent/", SentView.as_view(), name="reset-sent"),
    path("reset/<uidb64>/<token>/", ConfirmView.as_view(), name="reset-confirm"),
    path("reset/done/", DoneView.as_view(), name="reset-done"),
]
