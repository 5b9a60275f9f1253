"""Shapley values the slow way, which is easy to check: every coalition is a row that the model scores."""

import numpy as np

from predictions.scoring.models.protocol import Floats, Model


def worth_by_scoring(model: Model, raw: Floats, background: Floats) -> Floats:
    """Return the mean approval of the background rows for each coalition, shape (2**fields,).

    `raw` is the raw matrix of one applicant; bit i of a coalition is field i of `model.columns.free_names`.
    """
    fields = [model.columns.index[name] for name in model.columns.free_names]
    coalitions = np.arange(2 ** len(fields))
    taken = np.zeros((len(coalitions), 1, raw.shape[1]), dtype=bool)
    taken[:, 0, fields] = coalitions[:, None] >> np.arange(len(fields)) & 1
    rows = np.where(taken, raw, background)
    approval = model.approval_of_raw(model.columns.with_share(rows.reshape(-1, raw.shape[1])))
    return np.asarray(approval.reshape(rows.shape[:2]).mean(axis=1))
