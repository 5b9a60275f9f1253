"""Speed of scoring: ``python benchmarks/scoring.py`` (or ``make bench``).

Prints for each model in `ml_artifacts/` the time of one row, compared with a direct call of the engine on
prepared input, of batches of several sizes and of an explanation, and the time and memory of loading.
Times are the best of several runs, so that a busy machine distorts the ratios less.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from predictions.scoring.artifacts import current, load, load_worth
from predictions.scoring.explain import explain, explain_all
from predictions.scoring.models.boosting import Boosting
from predictions.scoring.models.forest import Forest, without_nan
from predictions.scoring.models.protocol import Model, to_raw
from predictions.scoring.models.scorecard import Scorecard
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import EXAMPLE, Applicant

ARTIFACTS = Path(__file__).resolve().parents[1] / "ml_artifacts"
MODELS = ("logistic-regression", "random-forest", "catboost")
SIZES = (1, 100, 10_000, 1_000_000)
EXPLAINED_AT_ONCE = 1_000
LOADING = """
import sys, time
from pathlib import Path
started = time.perf_counter()
from predictions.scoring.artifacts import current, load, load_worth
folder = Path(sys.argv[1])
for slug in sys.argv[2:]:
    load(folder, current(folder, slug))
seconds = time.perf_counter() - started
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(seconds, int(status["VmRSS"].split()[0]) / 1024)
"""


def best(call: Callable[[], object], seconds: float) -> float:
    """Return the seconds of the fastest call within about `seconds`; calls at least once."""
    fastest, end = float("inf"), time.perf_counter() + seconds
    while True:
        started = time.perf_counter()
        call()
        now = time.perf_counter()
        fastest = min(fastest, now - started)
        if now > end:
            return fastest


def example(number: int) -> Applicant:
    """Return a valid applicant whose income, amount and rate depend on `number`."""
    raw = dict(EXAMPLE)
    changes = {
        "person_income": 30_000 + number * 37 % 90_000,
        "loan_amnt": 1_000 + number * 25 % 24_000,
        "loan_int_rate": 6 + number % 12,
    }
    return parse_applicant({**raw, **changes})


def bare_call(model: Model, applicant: Applicant) -> Callable[[], object]:
    """Return a direct call of the model's engine on one prepared row."""
    raw = to_raw([applicant])
    if isinstance(model, Forest):
        ready = without_nan(model.settings.features_of(raw))
        return lambda: model.session.run(None, {"features": ready})
    if isinstance(model, Boosting):
        features = model.settings.features_of(raw)
        return lambda: model.engine.predict(features, prediction_type="RawFormulaVal", thread_count=1)
    assert isinstance(model, Scorecard)
    return lambda: model.totals(raw)


def loading(slugs: tuple[str, ...]) -> tuple[float, float]:
    """Return the seconds and resident MB (Linux) of a new process that loads these models."""
    environment = {**os.environ, "PYTHONPATH": str(ARTIFACTS.parent)}
    command = [sys.executable, "-c", LOADING, str(ARTIFACTS), *slugs]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    seconds, megabytes = map(float, output.split())
    return seconds, megabytes


def measure(slug: str, applicants: list[Applicant], seconds: float) -> None:
    """Print the results of one model."""
    ref = current(ARTIFACTS, slug)
    model = load(ARTIFACTS, ref)
    bare = best(bare_call(model, applicants[0]), seconds)
    print(f"{slug}\n  bare engine, one row  {bare * 1e6:12.1f} µs")
    for size in (size for size in SIZES if size <= len(applicants)):
        rows = applicants[:size]
        spent = best(lambda rows=rows: score(ARTIFACTS, ref, rows), seconds)  # type: ignore[misc]
        ratio = f"  {spent / bare:.2f} x bare" if size == 1 else ""
        print(f"  {size:9,d} rows {spent * 1e3:14.3f} ms {size / spent:12,.0f} rows/s{ratio}")
    load_worth(ARTIFACTS, ref)
    explained = best(lambda: explain(ARTIFACTS, ref, applicants[0]), seconds)
    rows = applicants[:EXPLAINED_AT_ONCE]
    together = best(lambda: explain_all(ARTIFACTS, ref, rows), 0)
    print(f"  explanation    {explained * 1e3:14.1f} ms")
    print(f"  {len(rows):9,d} explained {together * 1e3:9.0f} ms {len(rows) / together:12,.0f} rows/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-rows", type=int, default=SIZES[-1], help="largest batch")
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each measurement")
    options = parser.parse_args()
    applicants = [example(number) for number in range(options.max_rows)]
    for slug in MODELS:
        measure(slug, applicants, options.seconds)
    for slugs in ((), *((slug,) for slug in MODELS), MODELS):
        seconds, megabytes = loading(slugs)
        print(f"fresh process with {', '.join(slugs) or 'no model'}: {seconds:.2f} s, {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
