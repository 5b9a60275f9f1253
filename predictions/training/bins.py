"""The bins by which drift is measured: ``python -m predictions.training.bins ml_artifacts DATA.csv``.

Training writes them for new versions. For versions without them, this makes them from the data that they were
trained with. That takes minutes: the recipe is fitted anew to each fold, because the scores of the training
data by a model that has seen it are not those of new people.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from predictions.scoring import artifacts
from predictions.scoring.artifacts import BINS, ArtifactRef
from predictions.scoring.bins import SCORE, Bins, FieldBins
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.training.artifacts import add_file
from predictions.training.calibration_fit import fit_calibration
from predictions.training.cross_fitting import cross_fit
from predictions.training.data import BadData, Data, read_data
from predictions.training.recipes import FULL, RECIPE, Effort, recipes

NUMBER_BINS = 10


def make_bins(data: Data, approval: Floats) -> Bins:
    """Return the bins of the fields of `data`, and of `approval` (n,), its probabilities out of sample.

    They have to be those of the curve that is sold: each curve has values of its own that many people get.
    """
    fields = [_bins(SCORE, (), approval)]
    for column, values in zip(LIVE.all, data.raw.T, strict=True):
        fields.append(_bins(column.name, column.choices, values))
    return Bins(tuple(fields))


def _bins(name: str, choices: tuple[str, ...], values: Floats) -> FieldBins:
    edges = () if choices else _edges(values, between=name == SCORE)
    empty = len(choices) + 1 if choices else len(edges) + 2
    # Bins count by their edges alone, so any rows do here.
    unfilled = FieldBins(name, (1,) * empty, edges, choices)
    return FieldBins(name, tuple(unfilled.count(values)), edges, choices)


def _edges(values: Floats, *, between: bool) -> tuple[float, ...]:
    """Return where bins with the same number of rows begin, without the first; fewer if many are equal.

    A value that many have is whole in one bin. Edges are values that occur; with `between`, they are halfway
    to the next lower one, so that the last digit of another engine moves nobody.
    """
    known = np.unique(values[~np.isnan(values)])
    if len(known) < 2:
        return ()
    steps = np.arange(1, NUMBER_BINS) / NUMBER_BINS
    edges = np.unique(np.nanquantile(values, steps, method="higher"))
    edges = edges[edges > known[0]]
    if between:
        edges = (edges + known[np.searchsorted(known, edges) - 1]) / 2
    return tuple(edges.tolist())


def main(folder: Path, data_path: Path, effort: Effort = FULL) -> None:
    """`effort` is that of the training."""
    data = read_data(data_path)
    for recipe in recipes(effort):
        for ref in artifacts.versions(folder, recipe.slug):
            entry = artifacts.manifest(folder)["models"][recipe.slug]["versions"][ref.version]
            if BINS in entry["files"]:
                continue
            if problem := _problem(folder, ref, entry, data):
                print(f"{ref.slug} {ref.version}: no bins, {problem}")
                continue
            crossed = cross_fit(recipe, data, effort.folds, entry["seed"], print)
            approval = fit_calibration(crossed.outputs, data.approved)(crossed.outputs)
            add_file(folder, ref, BINS, make_bins(data, approval).to_dict())
            print(f"{ref.slug} {ref.version}: bins added")


def _problem(folder: Path, ref: ArtifactRef, entry: dict[str, Any], data: Data) -> str:
    """Return why the bins of a version cannot be made here; "" if they can."""
    if artifacts.model_card(folder, ref.slug, ref.version).get("recipe") != RECIPE:
        return "because it was trained by another recipe"
    if entry["data"]["sha256"] != data.sha256 or entry["data"]["rows_used"] != len(data):
        return "because it was trained with other data"
    return ""


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except BadData as error:
        sys.exit(f"No bins: {error}")
