"""The versions that are stored have bins of the data that they were trained with."""

from itertools import pairwise
from pathlib import Path

from predictions.scoring import artifacts
from predictions.scoring.bins import bins_of


def test_each_has_bins_of_its_own_data(sold: Path) -> None:
    for slug, entry in artifacts.manifest(sold)["models"].items():
        for ref in artifacts.versions(sold, slug):
            bins = bins_of(sold, ref)
            assert bins, ref
            assert [field.name for field in bins.fields] == ["score", *artifacts.columns(sold, ref).index]
            rows = entry["versions"][ref.version]["data"]["rows_used"]
            score, *fields = bins.fields
            assert {sum(field.rows) for field in fields} == {rows}
            # Out of sample: of all folds, or of some.
            scored = sum(score.rows)
            assert rows / 6 < scored <= rows
            assert all(low < high for low, high in pairwise((0, *score.edges, 1)))
            # About a tenth in each, or two where many have the same probability.
            assert max(score.rows) < scored * 0.25
