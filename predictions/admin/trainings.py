"""Admin pages of trainings: upload a file of loans, watch what is trained on it, cancel it."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_lists import ReadOnlyAdmin
from accounts.polling import Polling
from accounts.requests import current_user
from predictions import tasks
from predictions.admin.refusals import PROMOTE, TRAIN
from predictions.formats.found_texts import found_texts
from predictions.formats.trainings import problem_text, step_text
from predictions.lifecycle import trainings
from predictions.models import ScoringModel, TrainingRun
from predictions.models.versions import MAX_REASON_LENGTH

SHARE_PERCENT = 10
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class TrainingForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("CSV file"))
    slugs = forms.MultipleChoiceField(label=gettext_lazy("Models"), widget=forms.CheckboxSelectMultiple)
    effort = forms.ChoiceField(
        label=gettext_lazy("Effort"),
        choices=TrainingRun.Effort.choices,
        initial=TrainingRun.Effort.FULL,
        widget=forms.RadioSelect,
    )
    share_percent = forms.IntegerField(
        label=gettext_lazy("As challenger with this share of orders, percent (0: not)"),
        min_value=0,
        max_value=100,
        initial=SHARE_PERCENT,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=MAX_REASON_LENGTH)

    def __init__(self, *args: Any, may_promote: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = list(ScoringModel.objects.order_by("pk"))
        choices = [(model.slug, str(model)) for model in models]
        self.fields["slugs"] = forms.MultipleChoiceField(
            label=gettext_lazy("Models"),
            widget=forms.CheckboxSelectMultiple,
            choices=choices,
            initial=[model.slug for model in models],
        )
        if not may_promote:
            del self.fields["share_percent"]

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > trainings.MAX_BYTES:
            raise forms.ValidationError(_("The file has more than 20 MB."))
        start = file.read(1000)
        file.seek(0)
        is_binary = b"\0" in start and not start.startswith(UTF_16)
        if is_binary or start.startswith((b"PK", b"%PDF")):
            raise forms.ValidationError(_("This is not a CSV file. Save the table as CSV."))
        return file


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "created_by", "status", "progress", "trained", "reason")
    list_select_related = ("created_by",)
    list_filter = ("status",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(TRAIN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(TRAIN)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or request.user.has_perm(TRAIN)

    @admin.display(description=gettext_lazy("versions"))
    def trained(self, run: TrainingRun) -> str:
        return ", ".join(f"{slug} {version}" for slug, version in run.versions.items()) or "—"

    def get_urls(self) -> list[URLPattern]:
        cancel = self.admin_site.admin_view(self.cancel_view)
        own = path("<uuid:pk>/cancel/", cancel, name="predictions_trainingrun_cancel")
        return [own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, and what it sends."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        may_promote = request.user.has_perm(PROMOTE)
        if request.method == "POST":
            form = TrainingForm(request.POST, request.FILES, may_promote=may_promote)
            if form.is_valid() and (run := self._queue(request, form)):
                return redirect(reverse("admin:predictions_trainingrun_change", args=[run.pk]))
        else:
            form = TrainingForm(initial=_initial(request.GET.get("again", "")), may_promote=may_promote)
        context = {"title": _("Train a new version"), "form": form}
        return self._page(request, "training_new", context, 422 if form.is_bound else 200)

    def _queue(self, request: HttpRequest, form: TrainingForm) -> TrainingRun | None:
        """Queue what the form asks for; None if it is refused, which is then among the form's errors."""
        asked = form.cleaned_data
        file: UploadedFile[Any] = asked.pop("file")
        try:
            if getattr(file, "is_cut", False):
                raise trainings.DiskFull
            share = asked.pop("share_percent", 0)
            run = trainings.queue(file.chunks(), operator=current_user(request), share_percent=share, **asked)
        except trainings.NotQueued as refusal:
            form.add_error(None, _refusal_text(refusal))
            return None
        self.log_addition(request, run, f"Training queued: {run.reason}")
        tasks.notify_trainer()
        return run

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What became of a training. While it is open, the page asks again by itself, for some minutes."""
        run = get_object_or_404(TrainingRun.objects.select_related("created_by"), pk=_key(object_id))
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        models = list(ScoringModel.objects.order_by("pk"))
        context = {
            "title": _("Training of %(time)s") % {"time": run},
            "run": run,
            "chosen": [model for model in models if model.slug in run.slugs],
            "step": step_text(run, models),
            "problem": problem_text(run),
            "found": found_texts(run.found),
            "versions": [(model, run.versions[model.slug]) for model in models if model.slug in run.versions],
            "may_train": self.has_add_permission(request),
        }
        polling = Polling.of(request)
        page = self._page(request, "training", context | {"asks": polling.pause})
        if run.is_open and polling.pause:
            page["Refresh"] = f"{polling.slow_pause};url={request.path}?since={polling.since}"
        return page

    def cancel_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Cancel a training; the page of the training has the button."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        run = get_object_or_404(TrainingRun, pk=pk)
        if request.method == "POST":
            if trainings.cancel(run):
                self.log_change(request, run, "Training canceled")
                messages.success(request, _("The training is canceled, and its file deleted."))
            else:
                messages.info(request, _("The training had ended before."))
        return redirect(reverse("admin:predictions_trainingrun_change", args=[pk]))

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"admin/predictions/{name}.html", context, status=status)


def _initial(again: str) -> dict[str, Any]:
    """Return what was asked for in the training with this key, to ask for it again."""
    run = TrainingRun.objects.filter(pk=_key(again)).first()
    if run is None:
        return {}
    return {
        "slugs": run.slugs,
        "effort": run.effort,
        "share_percent": run.share_percent,
        "reason": run.reason,
    }


def _key(text: str) -> uuid.UUID:
    """Return the key that the text is, or one that no training has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _refusal_text(refusal: trainings.NotQueued) -> str:
    match refusal:
        case trainings.TooLarge():
            return _("The file has more than 20 MB.")
        case trainings.TooManyQueued():
            return _("Other trainings wait already. Try again when they have ended.")
        case trainings.DiskFull():
            return _("The disk of the service takes no file now.")
    raise refusal
