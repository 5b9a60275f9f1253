import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import Prediction, ShareLink
from predictions.orders.labels import rename_prediction
from predictions.results.explanations import explain_and_store
from predictions.results.sharing import MAX_WORKING, create_link
from tests.support.html import Page
from tests.support.orders import ResultFor


@pytest.fixture
def prediction(result: ResultFor) -> Prediction:
    poor = {"person_income": 77_123, "loan_percent_income": None, "loan_grade": "F"}
    return result("logistic-regression", **poor)


def share(prediction: Prediction) -> str:
    return reverse("predictions:share", args=[prediction.pk])


def test_a_stranger_reads_the_number_and_nothing_else(reader: Client, prediction: Prediction) -> None:
    rename_prediction(prediction, "Secretov")
    assert share(prediction) in Page(reader.get(reverse("predictions:detail", args=[prediction.pk]))).links
    made = reader.post(share(prediction), {"days": "7"})
    assert made.status_code == 201
    address = made.context["address"]
    page = Client().get(address)
    text = page.content.decode()
    assert prediction.approval_probability is not None
    assert f"{prediction.approval_probability:.1%}" in text
    assert not [
        told for told in ("77,123", "Secretov", prediction.user.username, str(prediction.pk)) if told in text
    ]
    # Shown once: the page of links does not have it.
    assert address not in reader.get(share(prediction)).content.decode()


def test_with_details_it_has_the_application_and_the_reasons(reader: Client, prediction: Prediction) -> None:
    explain_and_store([prediction])
    address = reader.post(share(prediction), {"days": "7", "with_details": "on"}).context["address"]
    text = Client().get(address, headers={"Accept-Language": "ru"}).content.decode()
    assert "77\u00a0123" in text
    assert "Что сильнее всего снижает вероятность" in text


def test_with_details_it_warns_of_values_outside_the_training_data(reader: Client, result: ResultFor) -> None:
    unusual = result("logistic-regression", person_age=95)
    pages = [
        Client().get(reader.post(share(unusual), {"days": "7"} | details).context["address"])
        for details in ({"with_details": "on"}, {})
    ]
    warned = ["the models were trained on 20–80" in page.content.decode() for page in pages]
    # Without details, the warning would tell the age.
    assert warned == [True, False]


def test_no_search_engine_and_no_other_site_learns_it(prediction: Prediction) -> None:
    _link, token = create_link(prediction, days=1, with_details=True)
    page = Client().get(reverse("predictions:shared", args=[token]))
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]


def test_unknown_expired_and_revoked_links_are_the_same(reader: Client, prediction: Prediction) -> None:
    link, token = create_link(prediction, days=1, with_details=True)
    reader.post(reverse("predictions:share-revoke", args=[prediction.pk, link.public_id]))
    answers = [
        Client().get(reverse("predictions:shared", args=[found]))
        for found in (token, "x", "é" * 43, "0" * 2_000)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({Page(answer).by_id("main").words for answer in answers}) == 1


def test_a_get_revokes_nothing(reader: Client, prediction: Prediction) -> None:
    link, _token = create_link(prediction, days=1, with_details=True)
    reader.get(reverse("predictions:share-revoke", args=[prediction.pk, link.public_id]))
    assert ShareLink.objects.working().filter(pk=link.pk).exists()


@pytest.mark.parametrize("days", ["", "365", "-1", "seven"])
def test_a_wrong_lifetime_is_named(reader: Client, prediction: Prediction, days: str) -> None:
    answer = reader.post(share(prediction), {"days": days})
    assert answer.status_code == 422
    assert "Choose one." in answer.content.decode()
    assert not ShareLink.objects.exists()


def test_the_limit_is_told(reader: Client, prediction: Prediction) -> None:
    for _ in range(MAX_WORKING):
        create_link(prediction, days=1, with_details=False)
    answer = reader.post(share(prediction), {"days": "1"})
    assert answer.status_code == 409
    assert "reached the limit of links" in answer.content.decode()


def test_what_others_bought_and_what_has_no_result_is_not_shared(
    bob: User, reader: Client, prediction: Prediction
) -> None:
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.post(share(prediction), {"days": "7"}).status_code == 404
    assert stranger.get(reverse("predictions:pdf", args=[prediction.pk])).status_code == 404
    Prediction.objects.filter(pk=prediction.pk).update(
        status="queued", approval_probability=None, finished_at=None
    )
    assert reader.get(share(prediction)).status_code == 404


def test_the_list_of_links_agrees_with_what_it_lists(reader: Client, prediction: Prediction) -> None:
    link, _token = create_link(prediction, days=1, with_details=False)
    reader.post(reverse("predictions:share-revoke", args=[prediction.pk, link.public_id]))
    page = Page(reader.get(share(prediction), headers={"Accept-Language": "ru"}))
    words = page.by_id("main").words.replace("\u00a0", " ")
    for told in ("Создана", "только вероятность", "отозвана"):
        assert told in words
