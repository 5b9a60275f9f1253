"""`manage.py import_outcomes`: any customers' outcomes from a file, kept with the operator's name."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from predictions.models import Outcome
from tests.support.batches import UploadFor, score_all
from tests.support.orders import Bought

TODAY = datetime.now(UTC).date()


def written(folder: Path, *rows: str) -> str:
    path = folder / "outcomes.csv"
    path.write_text("\n".join(["id,outcome,observed_on", *rows]))
    return str(path)


def test_good_rows_are_stored_and_bad_ones_named(
    bought: Bought, alice: User, bob: User, admin_user: User, tmp_path: Path
) -> None:
    keys = [bought(user=user).pk for user in (alice, bob)]
    file = written(tmp_path, *(f"{key},repaid,{TODAY}" for key in keys), f"x,repaid,{TODAY}")
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 rows were not stored"):
        call_command("import_outcomes", file, by="ADMIN", stdout=out, stderr=err)
    assert out.getvalue() == "3 rows: 2 new, 0 changed, 0 unchanged, 1 refused\n"
    assert err.getvalue() == "line 4: id: You have no prediction with the ID “x”.\n"
    assert {(row.user, row.reported_by) for row in Outcome.objects.all()} == {
        (alice, admin_user),
        (bob, admin_user),
    }


def test_rows_of_a_file(alice: User, paid: UploadFor, admin_user: User, tmp_path: Path) -> None:
    batch = paid(alice)
    score_all()
    call_command(
        "import_outcomes", written(tmp_path, f"loan 2,refused,{TODAY}"), by="admin", batch=str(batch.pk)
    )
    outcome = Outcome.objects.get()
    assert (outcome.batch, outcome.line, outcome.result) == (batch, 4, "refused")


def test_only_operators_are_named(bought: Bought, alice: User, tmp_path: Path) -> None:
    file = written(tmp_path, f"{bought().pk},repaid,{TODAY}")
    for name in ("alice", "nobody"):
        with pytest.raises(CommandError, match="no operator"):
            call_command("import_outcomes", file, by=name)
    assert not Outcome.objects.exists()


def test_what_is_no_file_of_outcomes_is_refused(admin_user: User, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    for name in ("other.csv", "missing.csv"):
        with pytest.raises(CommandError):
            call_command("import_outcomes", str(tmp_path / name), by="admin")
