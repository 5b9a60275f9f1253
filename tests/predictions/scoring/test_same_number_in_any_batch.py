"""A row's probability is the same to the last bit, whatever else is scored with it, in any process."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from predictions.scoring.artifacts import current
from predictions.scoring.predict import score
from tests.support.loans import SLUGS, made_up_applicants

ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from predictions.scoring.artifacts import current
from predictions.scoring.predict import score
folder, slug = Path(sys.argv[1]), sys.argv[2]
applicants = json.load(sys.stdin)
print(json.dumps([value.hex() for value in score(folder, current(folder, slug), applicants).tolist()]))
"""


@pytest.mark.parametrize("slug", SLUGS)
def test_batches_of_every_size_agree_with_single_rows(slug: str, sold: Path) -> None:
    ref, applicants = current(sold, slug), made_up_applicants(3_000)
    together = score(sold, ref, applicants)
    alone = np.concatenate([score(sold, ref, [applicant]) for applicant in applicants[:500]])
    assert alone.tobytes() == together[:500].tobytes()
    for size in (2, 7, 64, 100, 129, 1_000):
        parts = [score(sold, ref, applicants[at : at + size]) for at in range(0, len(applicants), size)]
        assert np.concatenate(parts).tobytes() == together.tobytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_order_of_a_batch_does_not_matter(slug: str, sold: Path) -> None:
    ref, applicants = current(sold, slug), made_up_applicants(1_000)
    forwards, backwards = score(sold, ref, applicants), score(sold, ref, applicants[::-1])
    assert forwards.tobytes() == backwards[::-1].tobytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_another_process_gives_the_same_bits(slug: str, sold: Path) -> None:
    applicants = made_up_applicants(50)
    answer = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, str(sold), slug],
        input=json.dumps(applicants),
        capture_output=True,
        text=True,
        check=True,
    )
    here = score(sold, current(sold, slug), applicants).tolist()
    assert json.loads(answer.stdout) == [value.hex() for value in here]


@pytest.mark.parametrize("slug", SLUGS)
def test_nobody_gets_no_numbers(slug: str, sold: Path) -> None:
    assert score(sold, current(sold, slug), []).shape == (0,)


@pytest.mark.parametrize("slug", SLUGS)
def test_more_rows_than_one_block_keep_their_order(slug: str, sold: Path) -> None:
    ref, applicants = current(sold, slug), made_up_applicants(500)
    once = score(sold, ref, applicants)
    assert score(sold, ref, applicants * 21).tobytes() == once.tobytes() * 21
