"""The plan of a run: repeatable, complete, and without two faults at once in one place."""

from itertools import combinations, pairwise

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.plan import KINDS, LATEST_END, QUIET_END, faults

PRESENT = ["sqlite", "explainer"]
SEEDS = range(20)


def test_the_same_seed_gives_the_same_faults() -> None:
    assert faults(7, 600, PRESENT) == faults(7, 600, PRESENT)
    assert faults(7, 600, PRESENT) != faults(8, 600, PRESENT)


@pytest.mark.parametrize(
    ("present", "absent"),
    [
        (["sqlite", "explainer", "disk"], {"database connections cut", "database down"}),
        (["sqlite", "explainer"], {"database connections cut", "database down", "disk of files full"}),
        (["postgres", "explainer", "disk"], {"database locked"}),
        (["postgres", "disk"], {"database locked", "explainer killed"}),
    ],
)
def test_ten_minutes_have_every_fault_of_what_is_present(present: list[str], absent: set[str]) -> None:
    for seed in SEEDS:
        assert {fault.kind.name for fault in faults(seed, 600, present)} == set(FAULTS) - absent


def test_a_fault_comes_every_few_seconds_and_ends_before_the_load() -> None:
    for seed in SEEDS:
        planned = faults(seed, 600, PRESENT)
        begins = [fault.at for fault in planned]
        assert begins == sorted(begins)
        assert max(after - before for before, after in pairwise(begins)) < 20
        assert max(fault.until for fault in planned) <= 600 - QUIET_END


@pytest.mark.parametrize("present", [PRESENT, [*PRESENT, "disk"], ["postgres", "explainer", "disk"]])
def test_the_run_of_ci_kills_bulk_workers_and_the_mailer(present: list[str]) -> None:
    found = {fault.kind.name for fault in faults(38, 90, present)}
    assert found >= {"bulk worker killed in a file", "mailer killed while it sends"}


def test_what_a_short_run_leaves_to_wait_is_soon_over() -> None:
    """A mailer that was killed leaves messages for a minute."""
    for seed in SEEDS:
        for fault in faults(seed, 90, [*PRESENT, "disk"]):
            assert fault.until + fault.kind.lingers <= 90 + LATEST_END


def test_nothing_is_broken_twice_at_a_time() -> None:
    for seed in SEEDS:
        for one, other in combinations(faults(seed, 600, PRESENT), 2):
            apart = one.until < other.at or other.until < one.at
            assert apart or one.kind.target != other.kind.target


def test_some_faults_overlap() -> None:
    planned = [pair for seed in SEEDS for pair in combinations(faults(seed, 600, PRESENT), 2)]
    assert any(not one.kind.background and other.at < one.until for one, other in planned)


def test_every_planned_fault_can_be_carried_out() -> None:
    assert {kind.name for kind in KINDS} == set(FAULTS)
