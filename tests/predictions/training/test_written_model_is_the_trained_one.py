"""A model read from its file gives exactly the same results as the trained and calibrated one."""

import numpy as np
import pytest

from predictions.scoring.models.boosting import Boosting
from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.forest import Forest
from predictions.scoring.models.protocol import COLUMN, Floats, with_share
from predictions.scoring.models.scorecard import Scorecard
from predictions.training.boosting_fit import fit_boosting
from predictions.training.calibration_fit import fit_calibration
from predictions.training.data import Data, check_frame
from predictions.training.forest_fit import fit_forest
from predictions.training.scorecard_fit import fit_scorecard
from predictions.training.scorecard_plan import plan
from predictions.training.synthetic import synthetic_frame


@pytest.fixture(scope="module")
def data() -> Data:
    return check_frame(synthetic_frame(2_000), "made up")


@pytest.fixture(scope="module")
def strange(data: Data) -> Floats:
    """Rows far from the data: huge and tiny numbers, the oldest people, values between all thresholds."""
    random = np.random.default_rng(3)
    raw = data.raw[random.integers(0, len(data), 3_000)].copy()
    raw[:, COLUMN["person_income"]] = np.ceil(10 ** random.uniform(0.1, 8, len(raw)))
    raw[:, COLUMN["loan_amnt"]] = np.ceil(raw[:, COLUMN["person_income"]] * random.uniform(0, 10, len(raw)))
    raw[:, COLUMN["person_age"]] = random.integers(18, 101, len(raw))
    raw[::3, COLUMN["loan_int_rate"]] = random.uniform(0, 100, len(raw[::3]))
    return with_share(raw)


def test_the_forest(data: Data, strange: Floats) -> None:
    fitted = fit_forest(data, 1, trees=15, pairs=1_000)
    curve = fit_calibration(fitted.outputs(data.raw), data.approved)
    served = Forest.read(fitted.content(curve)).approval_of_raw(strange)
    assert served.tobytes() == curve(fitted.outputs(strange)).tobytes()


def test_the_boosting(data: Data, strange: Floats) -> None:
    fitted = fit_boosting(data, 1, iterations=30)
    curve = fit_calibration(fitted.outputs(data.raw), data.approved)
    served = Boosting.read(fitted.content(curve)).approval_of_raw(strange)
    assert served.tobytes() == curve(fitted.outputs(strange)).tobytes()


def test_the_scorecard_with_six_decimals(data: Data, strange: Floats) -> None:
    fitted = fit_scorecard(data, 1, plans=plan())
    curve = fit_calibration(fitted.outputs(data.raw), data.approved)
    served = Scorecard.read(fitted.content(curve)).approval_of_raw(strange)
    assert served.tobytes() == curve(fitted.outputs(strange)).round(6).tobytes()


def test_a_curve_never_falls_and_makes_nothing_certain() -> None:
    random = np.random.default_rng(0)
    outputs = random.normal(size=4_000)
    curve = fit_calibration(outputs, (random.random(4_000) < 1 / (1 + np.exp(-3 * outputs))).astype(float))
    probabilities = curve(np.linspace(-9, 9, 999))
    assert (np.diff(probabilities) >= 0).all()
    assert 0 < probabilities[0] < 0.01
    assert 0.99 < probabilities[-1] < 1
    assert curve(np.array([0.0]))[0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([0.0], [0.5]),
        ([0.0, 1.0], [0.5]),
        ([0.0, 0.0], [0.4, 0.5]),
        ([0.0, 1.0], [0.5, 0.4]),
        ([0.0, 1.0], [0.5, 1.1]),
        ([0.0, 1.0], [-0.1, 0.5]),
    ],
)
def test_knots_that_are_no_curve_are_refused(inputs: list[float], outputs: list[float]) -> None:
    with pytest.raises(ValueError, match="a calibration curve"):
        Calibration.from_dict({"inputs": inputs, "outputs": outputs})
