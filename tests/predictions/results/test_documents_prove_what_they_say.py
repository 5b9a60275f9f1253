import hashlib
import io
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils.translation import override
from pypdf import PdfReader

from accounts.throttling import TooManyAttempts, take
from predictions.models import Prediction, ResultDocument
from predictions.orders.labels import rename_prediction
from predictions.results import documents
from predictions.results.documents import DocumentFailed, document_of, find_by_code, find_by_hash
from predictions.results.what_if import NotFinished
from tests.support.orders import ResultFor


def text_of(document: ResultDocument) -> str:
    pages = PdfReader(io.BytesIO(bytes(document.content))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_says_the_number_the_facts_and_what_it_is_not(result: ResultFor) -> None:
    prediction = result("logistic-regression", person_income=61_000, loan_percent_income=None)
    rename_prediction(prediction, "Заявка № 7")
    document = document_of(prediction.user, prediction, ["The income is low."])
    text = text_of(document)
    assert prediction.approval_probability is not None
    assert f"{prediction.approval_probability:.1%}" in text
    for part in ("61,000", "Заявка № 7", "The income is low.", "It is not a decision", str(prediction.pk)):
        assert part in text
    assert document.code in text
    assert "Page 1 of 1" in text
    assert prediction.artifact_sha256 in text


def test_it_warns_of_values_outside_the_training_data(result: ResultFor) -> None:
    usual, unusual = result(), result(person_age=95)
    assert "outside the training data" not in text_of(document_of(usual.user, usual, []))
    assert "Age: the models were trained on 20–80." in text_of(document_of(unusual.user, unusual, []))


def test_it_is_in_the_readers_language(result: ResultFor) -> None:
    prediction = result()
    with override("ru"):
        document = document_of(prediction.user, prediction, [])
    assert "Вероятность одобрения" in text_of(document)
    assert document.language == "ru"


def test_it_is_made_once_and_kept_to_the_last_byte(result: ResultFor) -> None:
    prediction = result()
    first = document_of(prediction.user, prediction, [])
    again = document_of(prediction.user, prediction, ["Something else."])
    assert bytes(again.content) == bytes(first.content)
    assert hashlib.sha256(bytes(again.content)).hexdigest() == first.sha256


def test_another_label_makes_another_and_the_first_stays_genuine(result: ResultFor) -> None:
    prediction = result()
    first = document_of(prediction.user, prediction, [])
    rename_prediction(prediction, "renamed")
    second = document_of(prediction.user, prediction, [])
    assert second.code != first.code
    assert find_by_code(first.code) == first


def test_what_is_too_long_for_a_page_goes_on_on_the_next(result: ResultFor) -> None:
    prediction = result()
    rename_prediction(prediction, "Ж" * 100)
    text = text_of(document_of(prediction.user, prediction, ["A long reason. " * 8] * 8))
    assert text.count("Ж") == 100
    assert text.count("reason.") == 64
    assert "Page 2 of 2" in text
    assert text.count("It is not a decision") == 2


def test_the_code_is_found_as_people_type_it(result: ResultFor) -> None:
    document = document_of((prediction := result()).user, prediction, [])
    for typed in (
        document.code,
        document.code.lower(),
        document.code.replace("-", " "),
        f"  {document.code}\n",
    ):
        assert find_by_code(typed) == document
    # Letters that are not in codes are read as what they look like.
    assert find_by_code(document.code.replace("0", "O").replace("1", "l")) == document


@pytest.mark.parametrize("typed", ["", "x", "0000-0000-0000-0000", "А" * 16, "\x00" * 16, "1" * 500])
def test_other_codes_are_of_nothing(result: ResultFor, typed: str) -> None:
    document_of((prediction := result()).user, prediction, [])
    assert find_by_code(typed) is None


def test_a_file_with_one_other_byte_is_none_of_ours(result: ResultFor) -> None:
    document = document_of((prediction := result()).user, prediction, [])
    content = bytes(document.content)
    assert find_by_hash(hashlib.sha256(content).hexdigest()) == document
    assert find_by_hash(hashlib.sha256(content + b"\n").hexdigest()) is None


def test_what_has_no_result_has_no_document(result: ResultFor) -> None:
    prediction = result()
    prediction.approval_probability = None
    with pytest.raises(NotFinished):
        document_of(prediction.user, prediction, [])


def test_making_them_is_limited_and_reading_is_not(result: ResultFor) -> None:
    prediction = result()
    kept = document_of(prediction.user, prediction, [])
    with suppress(TooManyAttempts):
        while True:
            take(documents.DOCUMENTS, str(prediction.user.pk))
    rename_prediction(prediction, "another")
    with pytest.raises(TooManyAttempts):
        document_of(prediction.user, prediction, [])
    rename_prediction(prediction, kept.label)
    assert document_of(prediction.user, prediction, []) == kept


def test_a_drawing_process_that_fails_is_told(
    result: ResultFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = result()
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(DocumentFailed):
        document_of(prediction.user, prediction, [])
    assert not ResultDocument.objects.exists()
    assert Prediction.objects.get(pk=prediction.pk).approval_probability is not None


def test_one_without_an_explanation_is_not_the_last(result: ResultFor) -> None:
    prediction = result()
    poor = document_of(prediction.user, prediction, None)
    full = document_of(prediction.user, prediction, ["The income is low."])
    assert full.code != poor.code
    assert "The income is low." in text_of(full)
    assert document_of(prediction.user, prediction, ["The income is low."]) == full


def test_a_result_has_so_many_and_no_more(result: ResultFor) -> None:
    prediction = result()
    for number in range(documents.MAX_DOCUMENTS):
        ResultDocument.objects.create(
            prediction=prediction, language="en", label=str(number), code=str(number), sha256=str(number),
            content=b"%PDF",
        )  # fmt: skip
    with pytest.raises(documents.TooManyDocuments):
        document_of(prediction.user, prediction, [])
    rename_prediction(prediction, "3")
    assert document_of(prediction.user, prediction, []).code == "3"


def test_a_label_is_printed_as_it_is(result: ResultFor) -> None:
    prediction = result()
    rename_prediction(prediction, "Loan {nb}")
    assert "Loan {nb}" in text_of(document_of(prediction.user, prediction, []))


@pytest.mark.parametrize(
    "label", ["Договор № 7", "Σωκράτης & Söhne", "e\u0301te\u0301", "a\u202fb\u200b", "₽ € ≥ 1"]
)
def test_a_label_in_letters_of_the_typeface_is_printed(result: ResultFor, label: str) -> None:
    rename_prediction(prediction := result(), label)
    text = text_of(document_of(prediction.user, prediction, []))
    printed = unicodedata.normalize("NFC", label).replace("\u202f", " ").replace("\u200b", "")
    assert printed in text
    assert "cannot be printed" not in text


@pytest.mark.parametrize("label", ["你好 7", "عقد 7", "חוזה 7", "Loan 7 😀", "ударе\u0301ние"])
def test_a_label_that_the_typeface_lacks_is_left_out_as_a_whole_and_that_is_said(
    result: ResultFor, label: str
) -> None:
    plain = document_of((prediction := result()).user, prediction, [])
    rename_prediction(prediction, label)
    document = document_of(prediction.user, prediction, [])
    text = text_of(document)
    assert "characters that cannot be printed here" in text
    # What is no glyph is drawn as an empty box, which is nothing when it is read.
    assert not [word for word in ("7 😀", "Loan 7", "ударе", "你", "\x00") if word in text]
    assert len(document.content) - len(plain.content) < 1_000
