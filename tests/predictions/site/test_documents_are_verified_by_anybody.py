import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from predictions.models import Prediction
from predictions.results.documents import VERIFICATIONS
from predictions.results.explanations import explain_and_store
from tests.support.orders import ResultFor

VERIFY = reverse("predictions:verify")


@pytest.fixture
def prediction(result: ResultFor) -> Prediction:
    return result("logistic-regression")


def download(reader: Client, prediction: Prediction) -> bytes:
    explain_and_store([prediction])
    answer = reader.get(reverse("predictions:pdf", args=[prediction.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith('attachment; filename="creditscore-')
    return answer.content


def pdf(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("result.pdf", content, "application/pdf")}


def test_the_file_itself_is_genuine(reader: Client, prediction: Prediction) -> None:
    answer = Client().post(VERIFY, pdf(download(reader, prediction)))
    text = answer.content.decode()
    assert "we issued exactly this file" in text
    assert prediction.approval_probability is not None
    assert f"{prediction.approval_probability:.1%}" in text


def test_a_changed_file_is_not(reader: Client, prediction: Prediction) -> None:
    content = download(reader, prediction)
    for changed in (content + b" ", content[:-1], content.replace(b"Creditscore", b"creditscore", 1)):
        text = Client().post(VERIFY, pdf(changed)).content.decode()
        assert "We did not issue this file" in text
        assert "we issued exactly" not in text


def test_the_code_tells_number_and_time_but_no_fact(reader: Client, prediction: Prediction) -> None:
    download(reader, prediction)
    code = prediction.documents.get().code
    answer = Client().post(VERIFY, {"code": code.lower()}, headers={"Accept-Language": "ru"})
    text = answer.content.decode()
    assert "Мы выдали документ с\xa0этим кодом" in text
    assert str(prediction.pk) not in text
    assert prediction.user.username not in text
    assert (
        "We did not issue a document"
        in Client().post(VERIFY, {"code": "0000-0000-0000-0000"}).content.decode()
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [({}, "Enter the code, or choose the file."), (pdf(b""), "The file is empty.")],
    ids=["nothing", "empty file"],
)
def test_what_is_missing_is_said(sent: dict[str, object], said: str) -> None:
    answer = Client().post(VERIFY, sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_guessing_is_limited() -> None:
    client = Client()
    statuses = [client.post(VERIFY, {"code": "x"}).status_code for _ in range(VERIFICATIONS.attempts + 1)]
    assert statuses == [200] * VERIFICATIONS.attempts + [429]


def test_while_the_explanation_is_calculated_the_page_waits_for_it(
    reader: Client, prediction: Prediction
) -> None:
    answer = reader.get(reverse("predictions:pdf", args=[prediction.pk]))
    assert answer["Content-Type"].startswith("text/html")
    assert 'http-equiv="refresh"' in answer.content.decode()
    assert not prediction.documents.exists()
