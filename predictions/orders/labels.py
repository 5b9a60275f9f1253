"""A customer's own names for predictions and comparisons: for finding them again, and for nothing else."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from predictions.models import MAX_FOLDED_LENGTH, MAX_LABEL_LENGTH, Comparison, Prediction

# Control characters, halves of a pair, and what breaks lines.
FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}


def validated_label(text: str) -> str:
    """The label as it is kept. Raises `ValidationError`."""
    label = text.strip()
    if len(label) > MAX_LABEL_LENGTH:
        raise ValidationError(
            ngettext_lazy(
                "A label has at most %(limit)d character.",
                "A label has at most %(limit)d characters.",
                MAX_LABEL_LENGTH,
            ),
            "max_length",
            {"limit": MAX_LABEL_LENGTH},
        )
    if any(unicodedata.category(character) in FORBIDDEN_CATEGORIES for character in label):
        raise ValidationError(_("A label is one line without control characters."), "unfit_characters")
    return label


def fold_label(text: str) -> str:
    """What is compared in a search: capitals, kinds of spaces and the dots of ё make no difference.

    Written beside the label, for SQLite knows the capitals of ASCII alone.
    """
    plain = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return " ".join(plain.split())[:MAX_FOLDED_LENGTH]


def rename_prediction(prediction: Prediction, label: str) -> None:
    """`label` is a checked one; an empty one takes the label away."""
    prediction.label = label
    Prediction.objects.filter(pk=prediction.pk).update(label=label, label_folded=fold_label(label))


def rename_comparison(comparison: Comparison, label: str) -> None:
    """The comparison and all its parts, also those that had got a label of their own."""
    comparison.label = label
    with transaction.atomic():
        Comparison.objects.filter(pk=comparison.pk).update(label=label)
        comparison.predictions.update(label=label, label_folded=fold_label(label))
