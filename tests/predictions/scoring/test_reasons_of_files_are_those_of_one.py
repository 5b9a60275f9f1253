"""Reason codes of many rows, in one call, are those that each row has when it is explained alone."""

from pathlib import Path

import pytest

from predictions.scoring import explain as explanations
from predictions.scoring.artifacts import current, load
from predictions.scoring.explain import explain, reason_codes
from predictions.scoring.reasons import reasons
from tests.support.loans import SLUGS, made_up_applicants


@pytest.mark.parametrize("slug", SLUGS)
def test_codes_are_the_same_in_any_company(slug: str, sold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanations, "EXPLAINED_TOGETHER", 7)
    count = 150 if slug == "logistic-regression" else 20
    ref, applicants = current(sold, slug), made_up_applicants(count)
    alone = []
    for applicant in applicants:
        found = explain(sold, ref, applicant).contributions
        told = reasons(applicant, {part.field: part.contribution for part in found})
        alone.append(tuple(reason.code for reason in told))
    assert reason_codes(sold, ref, load(sold, ref).columns.to_raw(applicants)) == alone
    assert len(set(alone)) > 5
    if count == 150:
        assert {"EMPLOYMENT_UNKNOWN", "RATE_UNKNOWN"} & {code for codes in alone for code in codes}


def test_no_rows_have_no_codes(sold: Path) -> None:
    ref = current(sold, SLUGS[0])
    assert reason_codes(sold, ref, load(sold, ref).columns.to_raw([])) == []
