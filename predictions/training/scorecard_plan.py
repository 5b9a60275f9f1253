"""The tables of the scorecard: their fields, bin edges and ridge penalties. None has the age."""

from predictions.scoring.schema import SHARE_FIELD, number_field
from predictions.training.scorecard_fit import Plan

BIN_EDGES: dict[str, tuple[float, ...]] = {
    "person_income": (
        *range(10_000, 40_000, 2_000), *range(40_000, 100_000, 5_000),
        110_000, 120_000, 140_000, 170_000, 200_000, 300_000,
    ),
    SHARE_FIELD: (
        0.03, 0.05, 0.07, 0.09, 0.11, 0.13, 0.15, 0.17, 0.19, 0.21, 0.23, 0.25, 0.27, 0.29, 0.30,
        0.305, 0.31, 0.3125, 0.315, 0.32, 0.33, 0.35, 0.38, 0.42, 0.50,
    ),
    "loan_int_rate": (
        6, 7, 7.5, 8, 9, 10, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5, 15, 15.5, 16, 17, 18, 19, 20,
    ),
    "person_emp_length": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20),
    "cb_person_cred_hist_length": (3, 4, 5, 7, 10, 15, 20),
}  # fmt: skip

TABLES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("person_income",), 1),
    ((SHARE_FIELD, "person_home_ownership"), 1),
    ((SHARE_FIELD, "loan_grade"), 1),
    (("loan_int_rate",), 1),
    (("person_home_ownership", "loan_intent"), 1),
    (("loan_grade", "loan_intent"), 1),
    (("loan_grade", "person_home_ownership"), 1),
    (("person_income", "person_home_ownership"), 2),
    (("person_income", "loan_intent"), 2),
    (("person_emp_length", "person_home_ownership"), 1),
    (("person_emp_length", "loan_grade"), 1),
    (("cb_person_cred_hist_length",), 1),
    (("cb_person_default_on_file",), 1),
)


def plan() -> list[Plan]:
    """Return the tables to fit, in the order of the published scorecard."""
    return [
        Plan(fields, {field: _edges(field) for field in fields if field in BIN_EDGES}, ridge)
        for fields, ridge in TABLES
    ]


def _edges(name: str) -> tuple[float, ...]:
    """Return the bin edges within the bounds of the field."""
    field = number_field(name)
    return tuple(edge for edge in BIN_EDGES[name] if field.minimum < edge <= field.maximum)
