"""What is wrong with a row of a file, in words that can be translated."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from predictions.scoring.parsing import FieldProblem
from predictions.scoring.schema import gettext_noop

_ = gettext_noop

Params: TypeAlias = Mapping[str, int | float | str]
# Makes a text of an English message id and its params.
Say: TypeAlias = Callable[[str, Params], str]


def in_english(message: str, params: Params) -> str:
    """The `Say` of English, with numbers as programs write them."""
    return message % params


@dataclass(frozen=True)
class RowProblem:
    """A problem of the row that begins at `line`. `field` is "" if the row itself is damaged.

    `code` is stable, `message` an English message id with its `params`.
    """

    line: int
    field: str
    code: str
    message: str
    params: Params

    @classmethod
    def of(cls, line: int, problem: FieldProblem) -> "RowProblem":
        return cls(line, problem.field, problem.code, problem.message, problem.params)

    def text(self, say: Say = in_english) -> str:
        return say(self.message, self.params)


def row_text(problems: Iterable[RowProblem], say: Say = in_english) -> str:
    """Return one text for all problems of a row: ``line 7: loan_grade: Choose one of: …``."""
    first, *more = problems
    parts = [
        f"{problem.field}: {problem.text(say)}" if problem.field else problem.text(say)
        for problem in (first, *more)
    ]
    # As text, because a number would be grouped in some languages.
    return say(_("line %(line)s: %(problems)s"), {"line": str(first.line), "problems": "; ".join(parts)})
