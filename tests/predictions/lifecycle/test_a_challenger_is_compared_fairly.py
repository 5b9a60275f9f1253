"""What operators see of a challenger: figures of the orders that both versions have scored."""

import html

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from sklearn.metrics import roc_auc_score

from accounts.models import User
from predictions.lifecycle.comparison import Comparison, Pair, Swaps, compare, pairs_of
from predictions.models import Challenge, ChallengerScore, Prediction, ScoringModel
from predictions.outcomes.services import report_outcome
from predictions.scoring.artifacts import ArtifactRef
from tests.support.orders import Bought

SLUG = "logistic-regression"


def compared(*pairs: Pair, threshold: float = 0.5) -> Comparison:
    found = compare(pairs, threshold)
    assert found is not None
    return found


def test_swap_sets_count_who_is_approved_by_whom() -> None:
    pairs = [Pair(0.9, 0.8), Pair(0.5, 0.49), Pair(0.2, 0.5), Pair(0.1, 0.2), Pair(0.6, 0.1)]
    found = compared(*pairs)
    assert found.swaps == Swaps(both=1, champion_only=2, challenger_only=1, neither=1)
    assert found.agreement == pytest.approx(0.4)
    assert compared(*pairs, threshold=0.05).swaps == Swaps(5, 0, 0, 0)


def test_means_and_distances_are_those_of_the_pairs() -> None:
    found = compared(Pair(0.4, 0.6), Pair(0.8, 0.7))
    assert found.count == 2
    assert found.champion_mean == pytest.approx(0.6)
    assert found.challenger_mean == pytest.approx(0.65)
    assert found.mean_difference == pytest.approx(0.05)
    assert found.mean_distance == pytest.approx(0.15)
    assert found.correlation == pytest.approx(1)
    assert compared(Pair(0.5, 0.1), Pair(0.5, 0.2)).correlation is None
    assert compare([], 0.5) is None


def test_every_probability_is_in_one_bin() -> None:
    found = compared(Pair(0, 1), Pair(0.05, 0.949), Pair(1, 0.5))
    assert found.champion_bins == [1, 1, *[0] * 17, 1]
    assert (found.challenger_bins[18], found.challenger_bins[19], found.challenger_bins[10]) == (1, 1, 1)


def test_auc_is_that_of_the_known_outcomes() -> None:
    random = np.random.default_rng(1)
    scores = random.integers(0, 20, 400) / 20  # Many are equal.
    repaid = random.random(400) < scores
    pairs = [
        Pair(float(score), 1 - float(score), bool(good)) for score, good in zip(scores, repaid, strict=True)
    ]
    found = compared(*pairs, Pair(0.5, 0.5))
    assert (found.count, found.outcomes) == (401, 400)
    assert found.auc is not None
    assert found.auc[0] == pytest.approx(roc_auc_score(repaid, scores))
    assert found.auc[1] == pytest.approx(1 - found.auc[0])
    assert compared(Pair(0.5, 0.5, True), Pair(0.4, 0.4, True)).auc is None


@pytest.fixture
def admin_client(client: Client, operator: User, two_versions: ArtifactRef, catalog: None) -> Client:
    client.force_login(operator)
    return client


def address() -> str:
    return reverse("admin:predictions_scoringmodel_challenger", args=[ScoringModel.objects.get(slug=SLUG).pk])


def page(client: Client, query: str = "") -> str:
    return html.unescape(client.get(address() + query).content.decode())


def begin(client: Client, **changes: object) -> str:
    body = {"version": "9.0.0", "share_percent": 25, "reason": "trained on our own loans"} | changes
    return html.unescape(client.post(address(), body, follow=True).content.decode())


def test_an_operator_names_compares_and_ends_a_challenger(admin_client: Client, bought: Bought) -> None:
    shown = begin(admin_client)
    assert "Version 9.0.0 is the challenger." in shown
    assert "with 25% of the orders" in shown
    assert "trained on our own loans" in shown
    assert "No order has been scored by both versions yet." in shown
    challenge = Challenge.objects.get()
    for champion, challenger in ((0.9, 0.8), (0.6, 0.4), (0.3, 0.7)):
        prediction = bought(approval=champion)
        ChallengerScore.objects.create(
            challenge=challenge, prediction=prediction, approval_probability=challenger
        )
    ChallengerScore.objects.create(challenge=challenge, prediction=bought(), approval_probability=None)
    other = bought()
    Prediction.objects.filter(pk=other.pk).update(artifact_sha256="0" * 64)
    ChallengerScore.objects.create(challenge=challenge, prediction=other, approval_probability=0.5)
    pairs, failed = pairs_of(challenge)
    assert {(pair.champion, pair.challenger) for pair in pairs} == {(0.9, 0.8), (0.6, 0.4), (0.3, 0.7)}
    assert failed == 1
    shown = page(admin_client)
    assert "Only 3 orders were scored by both versions." in shown
    assert "<td>33.3%</td>" in shown  # The agreement at 50%.
    assert "<td>66.7%</td>" in page(admin_client, "?threshold=85")
    assert "Decisions at 50%" in page(admin_client, "?threshold=nonsense")
    answer = admin_client.post(address(), {"end": "1"}, follow=True)
    assert "The challenge has ended." in answer.content.decode()
    assert "Name a challenger" in page(admin_client)
    assert ChallengerScore.objects.count() == 5
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Version 9.0.0 challenges with 25% of orders: trained on our own loans",
        "Challenge ended",
    ]


def test_outcomes_judge_both_versions(admin_client: Client, bought: Bought) -> None:
    begin(admin_client)
    challenge, today = Challenge.objects.get(), timezone.now().date()
    results = [("repaid", 0.9, 0.8), ("defaulted", 0.6, 0.85), ("refused", 0.5, 0.5), (None, 0.4, 0.4)]
    for result, champion, challenger in results:
        prediction = bought(approval=champion)
        ChallengerScore.objects.create(
            challenge=challenge, prediction=prediction, approval_probability=challenger
        )
        if result:
            report_outcome(prediction, result, today, by=prediction.user)
    known = {pair.champion: pair.repaid for pair in pairs_of(challenge)[0]}
    assert known == {0.9: True, 0.6: False, 0.5: None, 0.4: None}
    # On sale, the repaid one is above the other; with the challenger it is below.
    assert "ROC AUC on 2 outcomes, on sale and challenger</th><td>1.000, 0.000</td>" in page(admin_client)


def test_a_challenger_is_promoted_from_there(admin_client: Client) -> None:
    begin(admin_client)
    versions = reverse(
        "admin:predictions_scoringmodel_versions", args=[ScoringModel.objects.get(slug=SLUG).pk]
    )
    assert f'action="{versions}"' in page(admin_client)
    assert "<td>Challenger</td>" in html.unescape(admin_client.get(versions).content.decode())
    body = {"version": "9.0.0", "seen": 1, "reason": "better on ours"}
    answer = admin_client.post(versions, body, follow=True)
    assert "Version 9.0.0 is on sale." in answer.content.decode()
    assert not Challenge.objects.filter(current_of__isnull=False).exists()


@pytest.mark.parametrize(
    "changes", [{"share_percent": 0}, {"share_percent": 101}, {"reason": ""}, {"version": "7.7.7"}]
)
def test_a_form_that_is_wrong_begins_nothing(admin_client: Client, changes: dict[str, object]) -> None:
    assert 'class="errorlist"' in begin(admin_client, **changes)
    assert not Challenge.objects.exists()


def test_who_may_only_look_changes_nothing(
    client: Client, alice: User, two_versions: ArtifactRef, catalog: None
) -> None:
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    assert "You do not have permission to see models." in begin(client)
    rights = Permission.objects.filter(content_type__app_label="predictions")
    alice.user_permissions.add(*rights.exclude(codename="promote_version"))
    assert "There is no challenger." in page(client)
    assert "You do not have permission to put versions on sale." in begin(client)
    assert not Challenge.objects.exists()


def test_the_page_is_there_in_russian(admin_client: Client) -> None:
    begin(admin_client)
    shown = admin_client.get(address(), headers={"Accept-Language": "ru"}).content.decode()
    assert "Закончить испытание" in shown
