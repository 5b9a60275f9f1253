"""What a model's directions cost: its figures beside those of a free model of the same kind."""

from dataclasses import dataclass

from django.utils.translation import gettext

from predictions.formats.model_cards.texts import share_or_dash
from predictions.formats.numbers import plain_percent, score
from predictions.scoring.model_card import Direction, ModelCard, Noise
from predictions.scoring.model_card_texts import CHANGES


@dataclass(frozen=True)
class FreeRow:
    label: str
    this: str
    free: str


@dataclass(frozen=True)
class Free:
    """`promised`: whether better facts never, or hardly ever, lower it. Without `rows`: not measured."""

    promised: bool
    rows: list[FreeRow]


def free(model_card: ModelCard) -> Free:
    measured, own = model_card.get("free"), model_card["stability"]
    if measured is None:
        return Free("certainty" in model_card, [])
    rows = _quality(own.get("noise", []), measured["noise"])
    return Free(True, rows + _falls(own["directions"], measured["directions"]))


def _quality(own: list[Noise], measured: list[Noise]) -> list[FreeRow]:
    exact, moved = measured[0], measured[-1]
    here = {row["spread"]: row for row in own}
    spread = {"spread": plain_percent(moved["spread"], 0)}
    auc = gettext("ROC AUC, incomes moved by %(spread)s") % spread
    brier = gettext("Brier score, incomes moved by %(spread)s") % spread
    at, after = here[exact["spread"]], here[moved["spread"]]
    return [
        FreeRow("ROC AUC", score(at["roc_auc"]), score(exact["roc_auc"])),
        FreeRow(gettext("Brier score"), score(at["brier"], 4), score(exact["brier"], 4)),
        FreeRow(auc, score(after["roc_auc"]), score(moved["roc_auc"])),
        FreeRow(brier, score(after["brier"], 4), score(moved["brier"], 4)),
    ]


def _falls(own: list[Direction], measured: list[Direction]) -> list[FreeRow]:
    here = {row["change"]: row["fell_noticeably"] for row in own}
    return [
        FreeRow(
            gettext("Falls by 1 point or more: %(change)s") % {"change": gettext(CHANGES[row["change"]])},
            share_or_dash(here.get(row["change"])),
            plain_percent(row["fell_noticeably"]),
        )
        for row in measured
    ]
