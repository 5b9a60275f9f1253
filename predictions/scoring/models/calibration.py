"""The calibration curve, which turns a model's raw output into a probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from predictions.scoring.models.protocol import Floats


@dataclass(frozen=True)
class Calibration:
    """A piecewise linear curve that never falls, constant outside its knots.

    `inputs` (raw outputs, strictly rising) and `outputs` (probabilities, never falling) have the same
    length. `numpy.interp` works element by element, so a result does not depend on its batch.
    """

    inputs: Floats
    outputs: Floats

    @classmethod
    def from_dict(cls, knots: Mapping[str, Sequence[float]]) -> "Calibration":
        """The inverse of `to_dict`. Raises `ValueError` if the knots do not form such a curve."""
        inputs, outputs = np.array(knots["inputs"], float), np.array(knots["outputs"], float)
        if len(inputs) != len(outputs) or len(inputs) < 2:
            raise ValueError("a calibration curve needs at least two knots, each with an output")
        if (np.diff(inputs) <= 0).any() or (np.diff(outputs) < 0).any():
            raise ValueError("a calibration curve must not fall")
        if outputs[0] < 0 or outputs[-1] > 1:
            raise ValueError("a calibration curve must stay between 0 and 1")
        return cls(inputs, outputs)

    def to_dict(self) -> dict[str, Any]:
        return {"inputs": self.inputs.tolist(), "outputs": self.outputs.tolist()}

    def __call__(self, values: Floats) -> Floats:
        """Return the probabilities of raw outputs, in the same shape."""
        return np.interp(values, self.inputs, self.outputs)
