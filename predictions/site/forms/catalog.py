"""The choice of a model in filters."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from predictions.models import ScoringModel


class _Choices(ModelChoiceIterator[ScoringModel]):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield "", self.field.empty_label
        for model in self.queryset:
            yield self.choice(model)


class CatalogField(forms.ModelChoiceField[ScoringModel]):
    """A model by its slug. Each form reads the catalog once, to check and to show the choice."""

    iterator = _Choices

    def __init__(self) -> None:
        super().__init__(
            ScoringModel.objects.all(),
            label=_("Model"),
            required=False,
            to_field_name="slug",
            empty_label=_("All"),
        )

    def to_python(self, value: Any) -> ScoringModel | None:
        """Return the model with this slug, or None for no choice. Raises `ValidationError`."""
        if value in self.empty_values:
            return None
        for model in self.queryset or ():
            if model.slug == value:
                return model
        raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})
