"""Equal records are never in both the training and the held-out rows."""

import numpy as np
import pandas as pd

from predictions.training.cross_fitting import folds
from predictions.training.data import check_frame
from predictions.training.synthetic import synthetic_frame


def test_twins_are_never_on_both_sides_and_every_row_is_held_out_once() -> None:
    loans = synthetic_frame(1_500)
    data = check_frame(pd.concat([loans, loans.head(400)], ignore_index=True), "made up")
    split = folds(data.groups, 5, seed=1)
    for learn, held_out in split:
        assert not set(data.groups[learn]) & set(data.groups[held_out])
    assert sorted(np.concatenate([held_out for _learn, held_out in split])) == list(range(len(data)))
    assert folds(data.groups, 5, seed=1)[0][1].tolist() == split[0][1].tolist()
