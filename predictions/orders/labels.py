"""Labels: a customer's names for predictions, comparisons and files, used only to find them again."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from predictions.models import (
    MAX_FOLDED_LENGTH,
    MAX_LABEL_LENGTH,
    Batch,
    BatchQuerySet,
    Comparison,
    Prediction,
)

# Control characters, lone surrogates, line and paragraph separators.
FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}


def validated_label(text: str) -> str:
    """Return the label without surrounding spaces. Raises `ValidationError`."""
    label = text.strip()
    if len(label) > MAX_LABEL_LENGTH:
        raise ValidationError(
            ngettext_lazy(
                "A label can have at most %(limit)d character.",
                "A label can have at most %(limit)d characters.",
                MAX_LABEL_LENGTH,
            ),
            "max_length",
            {"limit": MAX_LABEL_LENGTH},
        )
    if any(unicodedata.category(character) in FORBIDDEN_CATEGORIES for character in label):
        raise ValidationError(_("A label must be one line without control characters."), "unfit_characters")
    return label


def fold_label(text: str) -> str:
    """Return the text that searches compare: without differences of case, of spaces, and of е and ё.

    Stored next to the label, because SQLite ignores case only for ASCII.
    """
    plain = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return " ".join(plain.split())[:MAX_FOLDED_LENGTH]


def rename_prediction(prediction: Prediction, label: str) -> None:
    """Change the label; `label` must be validated, and "" removes it."""
    prediction.label = label
    Prediction.objects.filter(pk=prediction.pk).update(label=label, label_folded=fold_label(label))


def rename_comparison(comparison: Comparison, label: str) -> None:
    """Change the label of the comparison and of all its parts, even of those renamed separately."""
    comparison.label = label
    with transaction.atomic():
        Comparison.objects.filter(pk=comparison.pk).update(label=label)
        comparison.predictions.update(label=label, label_folded=fold_label(label))


def folded_title(label: str, file_name: str) -> str:
    """Return what searches for files compare: the label and the name, folded."""
    return fold_label(f"{label} {file_name}")


def rename_batch(batch: Batch, label: str) -> None:
    """Change the label; `label` must be validated, and "" removes it."""
    batch.label = label
    folded = folded_title(label, batch.file_name)
    Batch.objects.filter(pk=batch.pk).update(label=label, title_folded=folded)


def titled(rows: BatchQuerySet, text: str) -> BatchQuerySet:
    """Return the files whose label or name contains this text, ignoring case."""
    return rows.filter(title_folded__contains=fold_label(text))
