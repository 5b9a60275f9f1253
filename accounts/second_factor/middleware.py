"""Leads operators without a second factor from the admin to the page that sets one up."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import services

GetResponse = Callable[[HttpRequest], HttpResponse]


class OperatorSecondFactorMiddleware:
    """With `OPERATOR_SECOND_FACTOR`, the admin opens for those alone who log in with a code."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.OPERATOR_SECOND_FACTOR and request.path.startswith(reverse("admin:index")):
            user = request.user
            leaving = request.path == reverse("admin:logout")
            if isinstance(user, User) and user.is_staff and not leaving and not services.is_on(user):
                messages.warning(request, _("Operators need two-factor log-in. Set it up to continue."))
                return redirect("accounts:second-factor")
        return self.get_response(request)
