"""A customer's own label: an input of the order forms, and a form of its own for changing it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from predictions.models import MAX_LABEL_LENGTH
from predictions.orders.labels import validated_label


class LabelField(forms.CharField):
    """Takes any text: `labeling` alone decides what is right."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Your own label"),
            help_text=_("Optional, for finding it again. Only you see it; the models do not."),
            required=False,
            strip=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": str(MAX_LABEL_LENGTH)}),
        )
        self.validators.clear()

    def clean(self, value: Any) -> str:
        return validated_label(super().clean(value))


class LabelForm(forms.Form):
    label = LabelField()
