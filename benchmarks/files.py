"""Speed of scoring files: ``python benchmarks/files.py`` (``--rows 1000000 --models catboost``).

For each model: the bare engine on prepared columns, the whole way in one process (read, check, score, write),
and in two processes that take the blocks of a file, each with the memory over that of a process with the
model loaded. Beside them, a plain copy of the file with the csv module, in the same run. Then rows with
reasons, in one process. Rows per second of processor time say more than those of the clock on a machine that
does other work; those of two processes count both.
"""

import argparse
import csv
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from predictions.scoring.artifacts import current, load
from predictions.scoring.blocks import Block
from predictions.scoring.checks import check
from predictions.scoring.explain import reason_codes
from predictions.scoring.files import score_file
from predictions.scoring.predict import approve
from predictions.scoring.results import results, results_header
from predictions.scoring.schema import FIELD_NAMES, Value, choice_field
from predictions.scoring.sources import open_source

ARTIFACTS = Path(__file__).resolve().parents[1] / "ml_artifacts"
MODELS = ("logistic-regression", "random-forest", "catboost")
PROCESSES = 2
CHOICES = {
    name: choice_field(name).values
    for name in ("person_home_ownership", "loan_intent", "loan_grade", "cb_person_default_on_file")
}


def rows(count: int) -> Iterator[list[Value]]:
    """Yield rows of ID and fields. Most incomes differ; other values repeat, as they do in real files."""
    dice = random.Random(5)
    for number in range(count):
        age, income = 20 + int(dice.expovariate(0.12)) % 60, int(dice.lognormvariate(10.9, 0.5)) + 4_000
        amount = min(dice.randrange(500, 35_001, 25), 9 * income)
        values: dict[str, Value] = {
            "person_age": age,
            "person_income": income,
            "person_emp_length": "" if dice.random() < 0.03 else dice.randrange(min(age - 17, 40)) + 0.0,
            "loan_amnt": amount,
            "loan_int_rate": "" if dice.random() < 0.1 else dice.randrange(542, 2322) / 100,
            "loan_percent_income": round(amount / income, 2),
            "cb_person_cred_hist_length": 2 + dice.randrange(min(age - 18, 28)),
            **{name: dice.choice(values) for name, values in CHOICES.items()},
        }
        yield [f"L-{number:07d}", *(values[name] for name in FIELD_NAMES)]


def write_file(path: Path, count: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *FIELD_NAMES])
        writer.writerows(rows(count))


def copy(source: Path, target: Path) -> float:
    """Return the seconds of a plain copy with the csv module."""
    started = time.perf_counter()
    with source.open(newline="") as incoming, target.open("w", newline="") as outgoing:
        csv.writer(outgoing).writerows(csv.reader(incoming))
    return time.perf_counter() - started


class Clock:
    """The seconds, and the seconds of processor time of this process and of children that have ended."""

    def __init__(self) -> None:
        self._started, self._before = time.perf_counter(), self._used()

    def both(self) -> tuple[float, float]:
        return time.perf_counter() - self._started, self._used() - self._before

    @staticmethod
    def _used() -> float:
        return sum(os.times()[:4])


def megabytes(name: str) -> float:
    """Return a figure of this process's memory: VmRSS, or VmHWM for the peak (Linux)."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024


def bare(slug: str, source: Path) -> None:
    """Print the seconds of the engine alone, on columns that are ready."""
    model, seconds, used = load(ARTIFACTS, current(ARTIFACTS, slug)), 0.0, 0.0
    with source.open("rb") as file:
        for block in open_source(file).blocks():
            raw = check(block, model.columns).raw
            clock = Clock()
            approve(model, raw)
            passed, worked = clock.both()
            seconds, used = seconds + passed, used + worked
    print(seconds, used, 0)


def one(slug: str, source: Path) -> None:
    """Print the seconds of the command for files, and its memory over the start."""
    load(ARTIFACTS, current(ARTIFACTS, slug))
    before, clock = megabytes("VmRSS"), Clock()
    outcome = score_file(ARTIFACTS, slug, source, source.with_suffix(".out"), lambda _done: None)
    assert outcome.refused == outcome.skipped == 0, outcome
    print(*clock.both(), megabytes("VmHWM") - before)


def with_reasons(slug: str, source: Path) -> None:
    """Print the seconds of the whole way with reason codes in one process."""
    ref = current(ARTIFACTS, slug)
    model = load(ARTIFACTS, ref)
    reason_codes(ARTIFACTS, ref, model.columns.to_raw([]))
    before, clock = megabytes("VmRSS"), Clock()
    with source.open("rb") as file, source.with_suffix(".out").open("wb") as target:
        table = open_source(file)
        target.write(results_header(table.shape, with_reasons=True))
        for block in table.blocks():
            checked = check(block, model.columns)
            codes = reason_codes(ARTIFACTS, ref, checked.raw)
            target.write(results(checked, approve(model, checked.raw), codes))
    print(*clock.both(), megabytes("VmHWM") - before)


def score_part(task: tuple[str, Block, Path]) -> tuple[float, float]:
    """Check and score one block as a worker does; return the processor time and the memory over the start."""
    started = time.process_time()
    slug, block, target = task
    model = load(ARTIFACTS, current(ARTIFACTS, slug))
    checked = check(block, model.columns)
    target.write_bytes(results(checked, approve(model, checked.raw)))
    return time.process_time() - started, megabytes("VmHWM") - _before


def start(slug: str) -> None:
    """Load the model in a worker of `two`."""
    global _before
    load(ARTIFACTS, current(ARTIFACTS, slug))
    _before = megabytes("VmRSS")


_before = 0.0


def two(slug: str, source: Path) -> None:
    """Print the seconds of two processes that take blocks, and the largest memory of one over its start."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES, start, (slug,)) as pool:
        pool.map(start, [slug] * PROCESSES)
        before, clock = megabytes("VmRSS"), Clock()
        with source.open("rb") as file:
            table = open_source(file)
            parts = ((slug, block, source.with_suffix(f".{n}")) for n, block in enumerate(table.blocks()))
            done = list(pool.imap(score_part, parts))
        with source.with_suffix(".out").open("wb") as target:
            target.write(results_header(table.shape))
            for number in range(len(done)):
                target.write(source.with_suffix(f".{number}").read_bytes())
        seconds, used = clock.both()
        used += sum(worked for worked, _peak in done)
        print(seconds, used, max(*(peak for _worked, peak in done), megabytes("VmHWM") - before))


WAYS = {"bare": bare, "one": one, "two": two, "reasons": with_reasons}


def measured(way: str, slug: str, source: Path) -> list[float]:
    """Return the seconds, the processor time and the memory of a way in a new process."""
    command = [sys.executable, __file__, "--way", way, "--models", slug, "--file", str(source)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(map(float, output.split()))


def report(name: str, count: int, figures: list[float], copied: float) -> None:
    seconds, used, memory = figures
    ratio = f"{seconds / copied:6.1f} x copy" if copied else ""
    speeds = f"{count / seconds:10,.0f} rows/s {count / used:10,.0f} rows/s of processor time"
    print(f"  {name:20}{seconds:7.2f} s {speeds} {memory:5.0f} MB over start {ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[60_000, 1_000_000], help="rows of the files")
    parser.add_argument("--reasons", type=int, default=10_000, help="rows with reasons")
    parser.add_argument("--models", nargs="*", default=MODELS)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        WAYS[options.way](options.models[0], options.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.csv"
        for count in options.rows:
            write_file(source, count)
            copied = copy(source, source.with_suffix(".out"))
            print(f"{count:,} rows, {source.stat().st_size / 1e6:.0f} MB; csv copy {copied:.2f} s")
            for slug in options.models:
                print(f" {slug}")
                for way, name in (("bare", "bare engine"), ("one", "one process"), ("two", "two processes")):
                    report(name, count, measured(way, slug, source), copied)
        write_file(source, options.reasons)
        print(f"{options.reasons:,} rows with reasons, one process")
        for slug in options.models:
            report(slug, options.reasons, measured("reasons", slug, source), 0)


if __name__ == "__main__":
    main()
