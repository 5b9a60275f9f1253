"""Versions 1.0.0 were sold: whoever checks such a result gets the same number to the last bit."""

from pathlib import Path

import pytest

from predictions.scoring.artifacts import ArtifactRef, load, load_worth, manifest
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD
from tests.support.loans import SLUGS

FREE_NAMES = [name for name in FIELD_NAMES if name != SHARE_FIELD]
APPLICANTS = [
    (26, 68861, "MORTGAGE", 8.0, "VENTURE", "A", 3600, None, "N", 6),
    (25, 56030, "OWN", 4.0, "MEDICAL", "D", 17400, 12.94, "Y", 4),
    (24, 55670, "MORTGAGE", 4.0, "PERSONAL", "A", 24400, 6.34, "N", 4),
    (26, 46285, "OTHER", 1.0, "EDUCATION", "C", 10600, 12.21, "N", 6),
    (24, 20037, "MORTGAGE", 1.0, "VENTURE", "C", 13300, 11.25, "N", 5),
    (29, 47858, "OWN", 1.0, "HOMEIMPROVEMENT", "A", 18600, None, "N", 6),
    (27, 15995, "MORTGAGE", 1.0, "VENTURE", "A", 5200, 7.38, "N", 7),
    (26, 66469, "RENT", 0.0, "PERSONAL", "C", 10600, None, "N", 5),
    (21, 36339, "RENT", 2.0, "PERSONAL", "C", 4500, 12.46, "N", 2),
    (20, 36553, "RENT", 1.0, "EDUCATION", "A", 5100, 7.6, "N", 2),
    (22, 48020, "MORTGAGE", 2.0, "HOMEIMPROVEMENT", "D", 5300, 13.4, "Y", 4),
    (27, 62942, "MORTGAGE", 5.0, "MEDICAL", "A", 7300, 6.87, "N", 7),
]
SCORES = {
    "logistic-regression": [
        0.997094,
        0.979789,
        0.936875,
        0.851941,
        0.4402,
        0.95415,
        0.478376,
        0.922623,
        0.882237,
        0.885608,
        0.4648,
        0.94936,
    ],
    "random-forest": [
        0.9959218885293933,
        0.8122062708091266,
        0.9501435615149234,
        0.9285764832331804,
        0.41878955687275476,
        0.9961715160796325,
        0.005104405681276156,
        0.9500813527733755,
        0.8254610956308046,
        0.9550905402236652,
        0.7306191732955043,
        0.9787961585065904,
    ],
    "catboost": [
        0.9952076813893811,
        0.8594867764316134,
        0.9463845896943717,
        0.8845734535733121,
        0.5692587021355949,
        0.9896301328399016,
        0.0017739930098965096,
        0.9422237050721082,
        0.8567452864614044,
        0.9475184669440484,
        0.005009195147738279,
        0.8573297211436834,
    ],
}


def first_version(folder: Path, slug: str) -> ArtifactRef:
    entry = manifest(folder)["models"][slug]["versions"]["1.0.0"]
    return ArtifactRef(slug, "1.0.0", entry["files"][entry["model"]])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_score_of_1_0_0_is_what_it_was(slug: str, sold: Path) -> None:
    applicants = [parse_applicant(dict(zip(FREE_NAMES, row, strict=True))) for row in APPLICANTS]
    assert score(sold, first_version(sold, slug), applicants).tolist() == SCORES[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_it_can_still_be_explained(slug: str, sold: Path) -> None:
    ref = first_version(sold, slug)
    applicant = parse_applicant(dict(zip(FREE_NAMES, APPLICANTS[0], strict=True)))
    worth = load_worth(sold, ref)(load(sold, ref).columns.to_raw([applicant]))
    assert worth[0, -1] == pytest.approx(SCORES[slug][0], abs=1e-9)
