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
from django.urls import URLPattern, path, reverse_lazy

from accounts import services, throttling
from accounts.errors import retry_text
from accounts.forms import new_password_field
from accounts.models import User
from accounts.requests import client_address


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
    """Sends the link. The response does not reveal whether an account has this address."""

    template_name = "accounts/reset/ask.html"
    email_template_name = "accounts/reset/email.txt"
    subject_template_name = "accounts/reset/subject.txt"
    success_url = reverse_lazy("accounts:reset-sent")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            throttling.take(throttling.RESETS, client_address(request))
        except throttling.TooManyAttempts as error:
            context = self.get_context_data(refused=retry_text(error.retry_after))
            return self.render_to_response(
                context, status=429, headers={"Retry-After": str(error.retry_after)}
            )
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ConfirmView(PasswordResetConfirmView):
    template_name = "accounts/reset/confirm.html"
    form_class = NewPasswordForm  # type: ignore[assignment]  # has what the view needs
    success_url = reverse_lazy("accounts:reset-done")

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
