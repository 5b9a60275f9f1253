"""Files of results, read row by row: what the service wrote passes, and nothing that differs from it."""

import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from predictions.scoring import artifacts
from predictions.scoring.checks import check
from predictions.scoring.explain import reason_codes
from predictions.scoring.predict import approve
from predictions.scoring.results import results, results_header
from predictions.scoring.sources import open_source
from tests.chaos import files
from tests.chaos.files import Applicants
from tests.chaos.history import SentFile
from tests.support.loans import SOLD

COUNT = 200
Lines = list[bytes]


def made(*, reasons: bool = False) -> tuple[SentFile, Applicants]:
    applicants = files.made_up("alice", COUNT, random.Random(7))
    return SentFile("alice", "key", "logistic-regression", reasons, COUNT, applicants.good, "f1"), applicants


def scored(file: SentFile, applicants: Applicants, *, without: int | None = None) -> Lines:
    """The lines of the product's own file of results; the good row with number `without` has no result."""
    ref = artifacts.current(SOLD, file.model)
    model = artifacts.load(SOLD, ref)
    source = open_source(BytesIO(applicants.content), ())
    [block] = source.blocks()
    checked = check(block, model.columns, False)
    shares = np.array(approve(model, checked.raw))
    codes = reason_codes(SOLD, ref, checked.raw) if file.reasons else None
    if without is not None:
        shares[without] = np.nan
        codes = [() if at == without else found for at, found in enumerate(codes)] if codes else None
    lines = results_header(source.shape, with_reasons=file.reasons) + results(checked, shares, codes)
    return lines.splitlines(keepends=True)


def read(file: SentFile, applicants: Applicants, lines: Lines) -> tuple[int, tuple[str, ...]]:
    found = files.read(file, applicants, b"".join(lines), random.Random(1))
    return found.scored, found.faults


@pytest.mark.parametrize("reasons", [False, True])
def test_what_the_service_writes_is_right(reasons: bool) -> None:
    file, applicants = made(reasons=reasons)
    assert 0 < file.good < COUNT
    assert read(file, applicants, scored(file, applicants)) == (file.good, ())
    assert read(file, applicants, scored(file, applicants, without=3)) == (file.good - 1, ())


def test_some_rows_are_kept_to_be_ordered_alone() -> None:
    file, applicants = made()
    lines = scored(file, applicants)
    samples = files.read(file, applicants, b"".join(lines), random.Random(1)).samples
    assert len(samples) == files.SAMPLES
    text = b"".join(lines).decode()
    for sample in samples:
        assert (sample.file, sample.model) == ("f1", "logistic-regression")
        assert f",{sample.approval}," in text
        assert "loan_percent_income" not in sample.applicant
        assert any(whom and whom.items() >= sample.applicant.items() for whom in applicants.whom)


def swap(lines: Lines) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def lose(lines: Lines) -> None:
    del lines[5]


def lose_the_last(lines: Lines) -> None:
    lines.pop()


def repeat(lines: Lines) -> None:
    lines.insert(5, lines[5])


def add(lines: Lines) -> None:
    lines.append(lines[-1])


def change_a_cell(lines: Lines) -> None:
    lines[1] = lines[1].replace(b"alice 0", b"alice O")


def lose_the_header(lines: Lines) -> None:
    lines[0] = lines[0].replace(b"approval_probability", b"approval")


def _columns(line: bytes, *added: bytes) -> bytes:
    return b",".join([*line.rstrip(b"\r\n").split(b",")[:11], *added]) + b"\r\n"


def say_nothing(lines: Lines) -> None:
    lines[1] = _columns(lines[1], b"", b"", b"")


def add_up_to_less(lines: Lines) -> None:
    lines[1] = _columns(lines[1], b"0.500000", b"0.400000", b"")


def round_otherwise(lines: Lines) -> None:
    lines[1] = _columns(lines[1], b"0.5", b"0.5", b"")


def score_a_bad_row(lines: Lines) -> None:
    at = next(number for number, line in enumerate(lines) if b"unknown" in line)
    lines[at] = _columns(lines[at], b"0.500000", b"0.500000", b"")


def cut(lines: Lines) -> None:
    lines[-1] = lines[-1][:20]


FAULTS: list[Callable[[Lines], None]] = [
    *(swap, lose, lose_the_last, repeat, add, change_a_cell, lose_the_header),
    *(say_nothing, add_up_to_less, round_otherwise, score_a_bad_row, cut),
]


@pytest.mark.parametrize("spoil", FAULTS)
def test_a_fault_is_told(spoil: Callable[[Lines], None]) -> None:
    file, applicants = made()
    lines = scored(file, applicants)
    spoil(lines)
    assert read(file, applicants, lines)[1]


def test_reasons_that_were_paid_for_are_missed() -> None:
    file, applicants = made(reasons=True)
    lines = scored(replace(file, reasons=False), applicants)
    lines = [line.rstrip(b"\r\n") + b",,,,\r\n" for line in lines]
    lines[0] = scored(file, applicants)[0]
    assert read(file, applicants, lines)[1] == ("no row has a reason code",)


def test_few_of_many_faults_are_told() -> None:
    file, applicants = made()
    _count, faults = read(file, applicants, scored(file, applicants)[:1])
    assert len(faults) == files.SHOWN + 1
    assert faults[-1] == f"{COUNT - files.SHOWN} more"
