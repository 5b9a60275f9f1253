"""The results of a file have a decision for each row if the customer had a policy when he paid."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.batches import scoring
from predictions.models import DecisionPolicy
from predictions.orders.batches import cancel_batch, confirm_batch
from predictions.results.decisions import remove_policy, save_policy
from tests.support.batches import BAD, UploadFor, now, rows_of, score_all
from tests.support.people import give_money
from tests.support.scored_files import some_rows

pytestmark = pytest.mark.usefixtures("catalog", "own_files", "small_chunks")


@pytest.fixture
def policy(alice: User) -> DecisionPolicy:
    return save_policy(alice, approve_from=0.9, decline_below=0.6)


@pytest.mark.parametrize("reasons", [False, True])
def test_each_scored_row_is_decided_on(
    alice: User, policy: DecisionPolicy, paid: UploadFor, reasons: bool
) -> None:
    batch = paid(alice, [*some_rows(40), BAD], reasons=reasons)
    remove_policy(alice)
    score_all()
    rows = rows_of(now(batch))
    assert list(rows[0]).index("decision") == list(rows[0]).index("error") + 1
    decided = [policy.decide(float(row["approval_probability"])) for row in rows[:-1]]
    assert [row["decision"] for row in rows[:-1]] == decided
    assert len(set(decided)) > 1
    assert (rows[-1]["approval_probability"], rows[-1]["decision"]) == ("", "")


def test_without_a_policy_there_is_no_column(alice: User, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(3))
    save_policy(alice, approve_from=0.9, decline_below=0.6)
    score_all()
    assert "decision" not in rows_of(now(batch))[0]


def test_rows_that_were_not_scored_have_none(alice: User, policy: DecisionPolicy, upload: UploadFor) -> None:
    batch = upload(alice, some_rows(30))
    give_money(alice, 10_000_00)
    batch = confirm_batch(batch)
    scoring.step()
    rows = rows_of(cancel_batch(batch))
    assert {row["decision"] == "" for row in rows} == {True, False}
    assert all((row["decision"] == "") == (row["approval_probability"] == "") for row in rows)


def test_the_page_of_a_row_tells_it(
    client: Client, alice: User, policy: DecisionPolicy, paid: UploadFor
) -> None:
    batch = paid(alice, some_rows(1))
    score_all()
    remove_policy(alice)
    client.force_login(alice)
    (row,) = rows_of(now(batch))
    page = client.get(reverse("predictions:batch-row", args=[batch.pk, 2])).content.decode()
    decision = policy.decide(float(row["approval_probability"])).label
    assert f"By your policy <strong>{decision}</strong>" in page
