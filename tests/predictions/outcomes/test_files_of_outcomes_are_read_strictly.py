"""A file of outcomes: every good row is stored, and what is wrong with the others is told by line."""

import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from predictions.models import FormerOutcome, Outcome
from predictions.outcomes import imports
from predictions.outcomes.imports import Imported, import_outcomes
from predictions.outcomes.services import Counts
from tests.support.orders import Bought

HEADER = "id,outcome,observed_on"
TODAY = datetime.now(UTC).date()


def sent(user: User, text: str, encoding: str = "utf-8", **options: int | None) -> Imported:
    return import_outcomes(io.BytesIO(text.encode(encoding)), by=user, of=user, **options)


def told(done: Imported) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.field, problem.code) for problem in done.problems]


def test_good_rows_are_stored_and_bad_ones_told(bought: Bought, alice: User, bob: User) -> None:
    first, second, others, nobodys = bought(), bought(), bought(user=bob), uuid.uuid4()
    pending = bought(run=False)
    rows = [
        HEADER,
        f"{first.pk},repaid,{TODAY}",
        f"{others.pk},repaid,{TODAY}",
        f"{nobodys},repaid,{TODAY}",
        f"{pending.pk},repaid,{TODAY}",
        f"{first.pk},defaulted,{TODAY}",
        f"{second.pk},paid,{TODAY}",
        f"{second.pk},repaid,1/31/2027",
        ",repaid,2027-01-31",
        "nonsense,repaid,2027-01-31",
        "",
        ",,",
        f"{second.pk},repaid,{TODAY + timedelta(days=1)}",
        f"{second.pk},repaid,{TODAY - timedelta(days=1)}",
        f"{second.pk},repaid",
        f"{second.pk},defaulted,{TODAY}",
    ]
    done = sent(alice, "\r\n".join(rows))
    assert told(done) == [
        (3, "id", "not_found"),
        (4, "id", "not_found"),
        (5, "id", "not_finished"),
        (6, "id", "repeated"),
        (7, "outcome", "invalid_choice"),
        (8, "observed_on", "invalid"),
        (9, "id", "required"),
        (10, "id", "not_found"),
        (13, "observed_on", "in_future"),
        (14, "observed_on", "before_order"),
        (15, "", "cells"),
    ]
    assert (done.rows, done.counts, done.refused) == (13, Counts(new=2), 11)
    stored = {row.prediction_id: row.result for row in Outcome.objects.all()}
    assert stored == {first.pk: "repaid", second.pk: "defaulted"}


def test_the_same_file_again_changes_nothing(bought: Bought, alice: User) -> None:
    first, second = bought(), bought()
    text = f"{HEADER}\n{first.pk},repaid,{TODAY}\n{second.pk},refused,{TODAY}\n"
    assert sent(alice, text).counts == Counts(new=2)
    assert sent(alice, text).counts == Counts(unchanged=2)
    changed = text.replace("refused", "defaulted")
    assert sent(alice, changed).counts == Counts(changed=1, unchanged=1)
    assert [row.result for row in FormerOutcome.objects.all()] == ["refused"]
    assert Outcome.objects.get(prediction=second).result == "defaulted"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_come_as_programs_save_them(bought: Bought, alice: User, encoding: str, delimiter: str) -> None:
    key = bought(at="2026-01-01T00:00:00Z").pk
    cells = ["Observed_On", "note", " ID ", "OUTCOME"], ["31.01.2026", '"a, b"', str(key).upper(), " Repaid "]
    done = sent(alice, "\r\n".join(delimiter.join(row) for row in cells), encoding)
    assert (done.counts, done.problems) == (Counts(new=1), [])
    assert Outcome.objects.get().observed_on == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (b"", "empty", "the file is empty"),
        (b"id,outcome\n1,repaid\n", "unusable_file", "missing columns: observed_on"),
        (b"id,outcome,observed_on,id\n", "unusable_file", "columns that appear twice: id"),
        ("id,outcome,observed_on\n1,возвращён,2026-01-01\n".encode("cp1251"), "unusable_file", "1251"),
        (b"PK\x03\x04\x00\x00", "unusable_file", "zero byte"),
    ],
)
def test_what_is_no_table_of_outcomes_is_refused(alice: User, content: bytes, code: str, text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        import_outcomes(io.BytesIO(content), by=alice, of=alice)
    (error,) = refusal.value.error_dict["file"]
    assert error.code == code
    assert text in str(error.message)


def test_a_file_with_too_many_rows_stores_nothing(bought: Bought, alice: User) -> None:
    text = f"{HEADER}\n{bought().pk},repaid,{TODAY}\n{bought().pk},repaid,{TODAY}\n"
    with pytest.raises(ValidationError) as refusal:
        sent(alice, text, max_rows=1)
    assert [error.code for error in refusal.value.error_dict["file"]] == ["too_many_rows"]
    assert not Outcome.objects.exists()
    assert sent(alice, text, max_rows=None).counts == Counts(new=2)


def test_operators_report_for_all_customers(bought: Bought, alice: User, bob: User, admin_user: User) -> None:
    keys = [bought(user=user).pk for user in (alice, bob)]
    text = HEADER + "".join(f"\n{key},repaid,{TODAY}" for key in keys)
    done = import_outcomes(io.BytesIO(text.encode()), by=admin_user, of=None)
    assert done.counts == Counts(new=2)
    reported = {row.user.username: row.reported_by for row in Outcome.objects.all()}
    assert reported == {"alice": admin_user, "bob": admin_user}


def test_no_row_takes_a_query_of_its_own(
    bought: Bought, alice: User, django_assert_max_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [bought().pk for _number in range(12)]
    monkeypatch.setattr(imports, "PART", 6)
    text = HEADER + "".join(f"\n{key},repaid,{TODAY}" for key in keys)
    # Two parts: find, begin, lock, read, write, end.
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        sent(alice, text)
