"""Adds golden scores to versions without them: ``python -m predictions.training.golden ml_artifacts``.

Training writes them for new versions. For one that was trained before there were any, what it gives now
becomes what it must give from then on.
"""

import sys
from pathlib import Path

from predictions.scoring import artifacts
from predictions.scoring.artifacts import GOLDEN
from predictions.scoring.golden import golden_scores
from predictions.training.artifacts import add_file


def main(folder: Path) -> None:
    for slug, entry in artifacts.manifest(folder)["models"].items():
        for ref in artifacts.versions(folder, slug):
            if GOLDEN not in entry["versions"][ref.version]["files"]:
                model = artifacts.load(folder, ref)
                add_file(folder, ref, GOLDEN, golden_scores(model, artifacts.background(folder, ref)))
                print(f"{slug} {ref.version}: golden scores added")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
