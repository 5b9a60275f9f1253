"""Pages at which customers take their data along, or delete their account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import throttling
from accounts.models import User
from accounts.profile.forms import ProofForm
from accounts.profile.views import page_again
from accounts.requests import current_user
from billing.money import format_money
from predictions import tasks
from predictions.leaving import deletion, export

# An export occupies a thread of the web server for as long as it takes.
EXPORTS = throttling.Limit("account-exports", 5, 3600)


class DeletionForm(ProofForm):
    username = forms.CharField(
        label=gettext_lazy("Your username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    # The balance that the page has shown, in minor units.
    balance = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    forfeit = forms.BooleanField(required=False)
    field_order = ("username", "forfeit", "password", "code", "balance")

    def __init__(self, user: User, balance: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, initial={"balance": balance}, **kwargs)
        if balance:
            text = _("I give up my balance of %(amount)s. It is not paid out.")
            self.fields["forfeit"].label = text % {"amount": format_money(balance)}
            self.fields["forfeit"].required = True
        else:
            del self.fields["forfeit"]

    def clean_username(self) -> str:
        typed = str(self.cleaned_data["username"])
        if typed.lower() != self.user.username.lower():
            raise ValidationError(_("This is not your username."))
        return typed


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def export_view(request: HttpRequest) -> HttpResponseBase:
    """A POST with the password sends everything as one JSON file."""
    user = current_user(request)
    form = ProofForm(user, request.POST if request.method == "POST" else None)
    template = "predictions/leaving/export.html"
    if answer := page_again(request, template, form, lambda: throttling.take(EXPORTS, str(user.pk))):
        return answer
    headers = {
        "Content-Type": "application/json",
        "Content-Disposition": 'attachment; filename="account.json"',
    }
    return StreamingHttpResponse(export.pieces(user), headers=headers)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def deletion_view(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    balance = deletion.balance_of(user)
    context = {"in_progress": deletion.is_in_progress(user), "balance": balance}
    form = DeletionForm(user, balance, request.POST if request.method == "POST" else None)
    template = "predictions/leaving/deletion.html"
    if answer := page_again(request, template, form, **context):
        return answer
    try:
        deletion.close(user, forfeited=form.cleaned_data["balance"])
    except (deletion.StillInProgress, deletion.BalanceDiffers, deletion.OperatorAccount) as error:
        form.add_error(None, REFUSALS[type(error)])
        form.data = {**request.POST.dict(), "balance": str(balance), "forfeit": ""}
        return render(request, template, {"form": form, **context}, status=error.status)
    tasks.empty_closed_accounts()
    logout(request)
    messages.success(request, _("Your account is deleted."))
    return redirect("home")


REFUSALS = {
    deletion.StillInProgress: gettext_lazy("Predictions or files are in progress. Wait until they finish."),
    deletion.BalanceDiffers: gettext_lazy("Your balance has changed. Check it and try again."),
    deletion.OperatorAccount: gettext_lazy(
        "This is an operator’s account. Another operator has to delete it."
    ),
}
