"""How far models agree: the words go by the difference that the page shows, so that both say the same."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs.worker import score_queued
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from tests.support.html import Page
from tests.support.orders import UNLOADABLE
from tests.support.people import give_money

CLOSELY, ROUGHLY = "The models agree closely.", "The models roughly agree."
NOTICEABLY, NOT_AT_ALL = "The models differ noticeably.", "The models disagree."


@pytest.fixture
def compared(alices: Client, alice: User, applicant: Applicant) -> Comparison:
    give_money(alice, 100_00)
    return order_comparison(user=alice, applicant=applicant, request_key=new_request_key())


@pytest.mark.parametrize(
    ("highest", "apart", "words"),
    [
        (0.5, "0.0 points apart", CLOSELY),
        (0.549, "4.9 points apart", CLOSELY),
        # Here, floats make the difference larger than 0.05.
        (0.55, "5.0 points apart", CLOSELY),
        (0.5504, "5.0 points apart", CLOSELY),
        (0.551, "5.1 points apart", ROUGHLY),
        (0.649, "14.9 points apart", ROUGHLY),
        (0.65, "15.0 points apart", ROUGHLY),
        (0.651, "15.1 points apart", NOTICEABLY),
        (0.799, "29.9 points apart", NOTICEABLY),
        (0.8, "30.0 points apart", NOTICEABLY),
        (0.801, "30.1 points apart", NOT_AT_ALL),
        (1.0, "49.9 points apart", NOT_AT_ALL),
    ],
)
def test_the_words_change_where_the_points_do(
    alices: Client, compared: Comparison, highest: float, apart: str, words: str
) -> None:
    score_queued()
    for part, approval in zip(compared.predictions.all(), (0.5, highest, 0.5), strict=True):
        Prediction.objects.filter(pk=part.pk).update(approval_probability=approval)
    told = Page(alices.get(reverse("predictions:comparison", args=[compared.pk]))).by_id("agreement").words
    assert words in told
    assert apart in told


def test_a_single_result_agrees_with_nothing(alices: Client, compared: Comparison) -> None:
    compared.predictions.exclude(model__slug="catboost").update(**UNLOADABLE)
    score_queued()
    told = Page(alices.get(reverse("predictions:comparison", args=[compared.pk]))).by_id("agreement").words
    assert "The model" not in told
    assert "apart" not in told
