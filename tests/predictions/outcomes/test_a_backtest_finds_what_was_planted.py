"""A backtest on outcomes whose figures are known: planted ones, ties, one class, few, none."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pytest
from django.utils import timezone
from sklearn.metrics import brier_score_loss, roc_auc_score

from accounts.models import User
from predictions.models import Batch, Outcome, ScoringModel
from predictions.outcomes.backtest import MIN_OF_EACH, Backtest, backtest, versions
from tests.support.batches import UploadFor

# Of each outcome: its result, the probability of approval, and the day of the order.
Planted = tuple[str, float, date]
Plant = Callable[..., None]
JANUARY, MARCH = date(2026, 1, 20), date(2026, 3, 5)


@pytest.fixture
def plant(alice: User, upload: UploadFor) -> Plant:
    """`plant(rows)`: outcomes of rows of a file of alice's."""
    batch = upload(alice)
    lines = iter(range(2, 1_000_000))

    def store(
        rows: Sequence[Planted], version: str = "1.0.0", model: str = "catboost", owner: Batch | None = None
    ) -> None:
        file, sold = owner or batch, ScoringModel.objects.get(slug=model)
        made = [
            Outcome(
                user=file.user,
                model=sold,
                model_version=version,
                batch=file,
                line=next(lines),
                approval_probability=approval,
                ordered_on=ordered,
                result=result,
                observed_on=date(2026, 6, 1) if result else None,
                reported_at=timezone.now(),
                reported_by=file.user,
            )
            for result, approval, ordered in rows
        ]
        Outcome.objects.bulk_create(made)

    return store


def only(user: User | None = None) -> Backtest:
    (counts,) = versions(user)
    return backtest(counts, user)


def random_loans(count: int, seed: int = 1) -> list[Planted]:
    """Loans whose defaults are as frequent as was predicted."""
    random = np.random.default_rng(seed)
    chances = random.beta(1, 4, count)
    bad = random.random(count) < chances
    return [
        ("defaulted" if defaulted else "repaid", 1 - chance, MARCH)
        for defaulted, chance in zip(bad.tolist(), chances.tolist(), strict=True)
    ]


def test_auc_and_brier_are_those_of_scikit_learn(plant: Plant) -> None:
    rows = random_loans(2_000)
    plant(rows)
    found = only()
    repaid, approval = [result == "repaid" for result, *_rest in rows], [row[1] for row in rows]
    assert found.auc == pytest.approx(roc_auc_score(repaid, approval))
    assert found.brier == pytest.approx(brier_score_loss(repaid, approval))
    assert found.auc_interval
    assert found.auc is not None
    assert found.auc_interval[0] < found.auc < found.auc_interval[1]
    share = np.mean(repaid)
    assert found.brier_without_model == pytest.approx(share * (1 - share))


def test_ties_count_half(plant: Plant) -> None:
    good, bad = ("repaid", 0.9, MARCH), ("defaulted", 0.9, MARCH)
    plant([good] * 100 + [bad] * 100)
    assert only().auc == pytest.approx(0.5)
    plant([("repaid", 0.95, MARCH)] * 100)
    # Half of the repaid ones are better, the others tie.
    assert only().auc == pytest.approx(0.75)


def test_an_exact_order_has_an_auc_of_one_and_the_reverse_of_zero(plant: Plant) -> None:
    plant([("repaid", 0.9, MARCH)] * 100 + [("defaulted", 0.2, MARCH)] * 100)
    plant([("defaulted", 0.9, MARCH)] * 100 + [("repaid", 0.2, MARCH)] * 100, model="random-forest")
    aucs = {counts.model.slug: backtest(counts).auc for counts in versions()}
    assert aucs == {"catboost": 1.0, "random-forest": 0.0}


def test_bands_are_those_of_the_probability_of_default(plant: Plant) -> None:
    rows = [("repaid", 0.96, MARCH)] * 90 + [("defaulted", 0.96, MARCH)] * 10
    rows += [("defaulted", 0.0, MARCH)] * 3 + [("repaid", 0.75, MARCH)] * 4
    plant(rows)
    bands = {(band.start, band.end): band.rate for band in only().bands}
    assert bands.keys() == {(0.02, 0.05), (0.2, 0.3), (0.9, 1.0)}
    low = bands[0.02, 0.05]
    assert low.count == 100
    assert [low.predicted, low.observed] == pytest.approx([0.04, 0.1])
    # Wilson's interval of 10 in 100.
    assert [low.low, low.high] == pytest.approx([0.0552, 0.1744], abs=1e-4)
    assert not low.agrees
    assert bands[0.9, 1.0].agrees
    assert (bands[0.2, 0.3].observed, bands[0.2, 0.3].low) == (0, 0)


def test_good_predictions_agree_and_bad_ones_do_not(plant: Plant) -> None:
    rows = random_loans(5_000)
    plant(rows)
    total = only().total
    assert total
    assert total.agrees
    Outcome.objects.all().delete()
    plant([(result, 1 - (1 - approval) / 2, day) for result, approval, day in rows])
    halved = only().total
    assert halved
    assert not halved.agrees
    assert halved.observed == pytest.approx(2 * halved.predicted, rel=0.1)


def test_months_are_those_of_the_orders(plant: Plant) -> None:
    plant([("repaid", 0.8, JANUARY)] * 3 + [("defaulted", 0.8, JANUARY)])
    plant([("repaid", 0.5, MARCH)] * 2 + [("defaulted", 0.5, date(2025, 12, 31))])
    months = {(month.first.year, month.first.month): month.rate for month in only().months}
    assert list(months) == [(2025, 12), (2026, 1), (2026, 3)]
    assert (months[2026, 1].count, months[2026, 1].observed) == (4, 0.25)
    assert months[2026, 1].predicted == pytest.approx(0.2)
    assert months[2025, 12].observed == 1


def test_refused_and_withdrawn_ones_are_in_no_figure(plant: Plant) -> None:
    rows = random_loans(2_000)
    plant(rows)
    before = only()
    plant([("refused", 0.1, JANUARY)] * 500 + [("", 0.1, JANUARY)] * 500)
    after = only()
    assert after.counts.refused == 500
    assert (after.auc, after.brier, after.total, after.bands, after.months) == (
        before.auc,
        before.brier,
        before.total,
        before.bands,
        before.months,
    )


@pytest.mark.parametrize(
    ("repaid", "defaulted"), [(MIN_OF_EACH - 1, 500), (500, MIN_OF_EACH - 1), (500, 0), (0, 500)]
)
def test_too_few_of_one_kind_are_not_judged(plant: Plant, repaid: int, defaulted: int) -> None:
    plant([("repaid", 0.9, MARCH)] * repaid + [("defaulted", 0.2, MARCH)] * defaulted)
    found = only()
    assert (found.counts.repaid, found.counts.defaulted, found.counts.enough) == (repaid, defaulted, False)
    assert (found.auc, found.auc_interval, found.brier) == (None, None, None)
    # What was observed has intervals that say how little it means.
    assert found.total
    assert found.total.count == repaid + defaulted


def test_without_outcomes_there_is_nothing(plant: Plant, catalog: None) -> None:
    assert versions() == []
    plant([("refused", 0.5, MARCH)])
    found = only()
    assert (found.total, found.bands, found.months, found.auc) == (None, [], [], None)


def test_versions_and_customers_are_apart(plant: Plant, upload: UploadFor, alice: User, bob: User) -> None:
    plant([("repaid", 0.9, MARCH)] * 2, version="1.10.0")
    plant([("repaid", 0.9, MARCH)] * 3, version="1.9.0")
    plant([("defaulted", 0.9, MARCH)], version="1.9.0", owner=upload(bob))
    plant([("repaid", 0.9, MARCH)], model="logistic-regression")
    slugs = [(one.model.slug, one.version, one.repaid, one.defaulted) for one in versions()]
    assert slugs == [
        ("logistic-regression", "1.0.0", 1, 0),
        ("catboost", "1.9.0", 3, 1),
        ("catboost", "1.10.0", 2, 0),
    ]
    (bobs,) = versions(bob)
    assert (bobs.version, bobs.judged) == ("1.9.0", 1)
    found = backtest(bobs, bob)
    assert found.total
    assert (found.total.count, found.total.observed) == (1, 1)
    assert [one.judged for one in versions(alice)] == [1, 3, 2]
    assert versions(User.objects.create(username="carol")) == []


def test_a_figure_takes_one_query(plant: Plant, django_assert_num_queries: Callable[[int], object]) -> None:
    plant(random_loans(300))
    (counts,) = versions()
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        backtest(counts)
    assert counts.judged == 300
