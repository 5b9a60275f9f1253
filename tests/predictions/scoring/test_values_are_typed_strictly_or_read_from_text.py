"""Programs send typed values; forms and files send text. Both end in the same applicant or the same error."""

import math

import pytest

from predictions.scoring.parsing import InvalidApplicant, parse_applicant, parse_cells, parse_text
from predictions.scoring.schema import EXAMPLE, FIELDS, SHARE_FIELD, ChoiceField, NumberField, Value

TEXTS = {name: str(value) for name, value in EXAMPLE.items()}
NUMBERS = [field.name for field in FIELDS if isinstance(field, NumberField)]
NULLABLE = [field.name for field in FIELDS if isinstance(field, NumberField) and field.nullable]
UNKNOWN = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "-", "", " ", "\u00a0NA "]


def refusal(applicant: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidApplicant) as refused:
        parse_applicant(applicant)
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        *(("12", "not_a_number"), ("", "not_a_number"), (True, "not_a_number"), (False, "not_a_number")),
        *((math.inf, "not_a_number"), (-math.inf, "not_a_number"), (math.nan, "not_a_number")),
        *(
            ([1], "not_a_number"),
            ({}, "not_a_number"),
            (10**400, "out_of_bounds"),
            (-(10**400), "out_of_bounds"),
        ),
        *((1e300, "out_of_bounds"), (-1, "out_of_bounds"), (2**64 - 1, "out_of_bounds")),
    ],
    ids=lambda value: str(value)[:20],
)
def test_typed_values_are_strict(name: str, value: object, code: str) -> None:
    assert refusal(EXAMPLE | {name: value}) == [(name, code)]


@pytest.mark.parametrize("zero", [-0.0, 0.0, 0, float("0e0"), float("-0e0")])
@pytest.mark.parametrize("name", [*NULLABLE, "cb_person_cred_hist_length"])
def test_zero_has_no_sign_from_programs(name: str, zero: float) -> None:
    assert str(parse_applicant(EXAMPLE | {name: zero})[name]) in ("0", "0.0")


@pytest.mark.parametrize("zero", ["-0", "-0.0", "−0,0", "0.0"])
@pytest.mark.parametrize("name", [*NULLABLE, "cb_person_cred_hist_length"])
def test_zero_has_no_sign_from_people(name: str, zero: str) -> None:
    assert str(parse_text(TEXTS | {name: zero})[name]) in ("0", "0.0")


def test_a_share_of_minus_zero_is_the_share() -> None:
    small = EXAMPLE | {"loan_amnt": 1, "person_income": 100_000, SHARE_FIELD: -0.0}
    assert parse_applicant(small)[SHARE_FIELD] == 1 / 100_000


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(
            ("person_income", text, 68_000)
            for text in ("68,000", "68 000", "68'000", "68 000,00", "68,000.00")
        ),
        *(("person_income", text, 68_000) for text in ("68000.0", "68000,0", "$68,000", "68 000 USD")),
        *(("person_income", text, 1_000_000) for text in ("1,000,000", "1.000.000", "1 000 000")),
        *(("person_age", text, 32) for text in ("32", "32.0", "32,0", " 32 ", "\u00a032")),
        *(("loan_int_rate", text, 10.5) for text in ("10.5", "10,5", "10,500", "10.500", "10.5%", "10,5 %")),
        *(("person_emp_length", text, 6.0) for text in ("6", "6.0", "6,0")),
        *(("loan_grade", text, "B") for text in ("b", " B ", "\u00a0b")),
        *(("loan_intent", text, "MEDICAL") for text in ("medical", "Medical", "mEdIcAl")),
        *((SHARE_FIELD, text, 9_000 / 68_000) for text in ("", " ", "0.13", "0,13", "0.132353")),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, text: str, value: Value) -> None:
    read = parse_cells(TEXTS | {name: text})[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        *(("person_income", text, "ambiguous_number") for text in ("68.000", "1.500")),
        *(("loan_amnt", text, "ambiguous_number") for text in ("1.000,000", "1,000.000", "9 000,000")),
        *(("loan_amnt", text, "ambiguous_number") for text in ("9000.000", "9000,0000 USD")),
        *(
            ("person_income", text, "not_a_number")
            for text in ("6,80,00", "1e5", "68_000", "+68000", "٦٨", "€68")
        ),
        *(("person_age", text, "not_an_integer") for text in ("32.5", "32,25")),
        *(("person_age", text, "not_a_number") for text in ("032", "32.", "３２", "32\u200b", "\x1f32")),
        *(
            ("loan_int_rate", text, "not_a_number")
            for text in ("1e1", ".5", "5.", "10;5", "inf", "$10", "1,2,3")
        ),
        *(
            ("loan_intent", text, "invalid_choice")
            for text in ("medıcal", "ﬁ", "МEDICAL", "NA", "\x1fMEDICAL")
        ),
        *((SHARE_FIELD, text, "not_a_number") for text in ("NA", "-", "13%", "null")),
        *((SHARE_FIELD, text, "contradiction") for text in ("0.9", "13")[:1]),
    ],
)
def test_other_cells_are_errors(name: str, text: str, code: str) -> None:
    with pytest.raises(InvalidApplicant) as refused:
        parse_cells(TEXTS | {name: text})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(name, code)]


@pytest.mark.parametrize("text", UNKNOWN)
def test_words_for_unknown_are_known_in_files_where_a_value_may_be_unknown(text: str) -> None:
    for field in FIELDS:
        if field.name in NULLABLE:
            assert parse_cells(TEXTS | {field.name: text})[field.name] is None
        elif field.name != SHARE_FIELD:
            with pytest.raises(InvalidApplicant) as refused:
                parse_cells(TEXTS | {field.name: text})
            (problem,) = refused.value.problems
            wrong = "invalid_choice" if isinstance(field, ChoiceField) else "not_a_number"
            assert problem.code == (wrong if text.strip() else "required")


@pytest.mark.parametrize("text", [word for word in UNKNOWN if word.strip()])
def test_forms_take_an_empty_text_for_unknown_and_no_word(text: str) -> None:
    with pytest.raises(InvalidApplicant):
        parse_text(TEXTS | {"loan_int_rate": text})
    assert parse_text(TEXTS | {"loan_int_rate": ""})["loan_int_rate"] is None


@pytest.mark.parametrize(
    ("text", "decimal", "value"), [("9,000", ".", 9_000), ("9,000", ",", None), ("9.000", ".", None)]
)
def test_forms_read_separators_by_the_readers_language(text: str, decimal: str, value: int | None) -> None:
    if value is not None:
        assert parse_text(TEXTS | {"loan_amnt": text}, decimal)["loan_amnt"] == value
        return
    with pytest.raises(InvalidApplicant) as refused:
        parse_text(TEXTS | {"loan_amnt": text}, decimal)
    assert refused.value.problems[0].code == "ambiguous_number"
