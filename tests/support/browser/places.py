"""All pages, in every state that looks different."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from billing import services
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders import comparisons, predictions
from predictions.outcomes.services import report_outcome
from predictions.outcomes.sold import day_of
from predictions.results import explanations
from predictions.results.decisions import save_policy
from predictions.results.sharing import create_link
from predictions.scoring.schema import Applicant
from tests.support.addresses import OWN, PUBLIC
from tests.support.browser import actions as do
from tests.support.browser.files import file_pages
from tests.support.browser.visitor import Look, Visitor
from tests.support.browser.webhooks import webhook_pages
from tests.support.keys import use_keys
from tests.support.orders import UNLOADABLE
from tests.support.people import give_money

Visit: TypeAlias = Callable[..., Visitor]


@dataclass(frozen=True)
class Place:
    address: str
    # What is done there before it is looked at.
    then: Callable[[Visitor], None] | None = None
    doing: str = ""

    def __str__(self) -> str:
        return f"{self.address} {self.doing}".strip()

    def enter(self, visitor: Visitor) -> None:
        visitor.open(self.address)
        if self.then:
            self.then(visitor)


def everywhere(
    visit: Visit, look: Look, poor: User, rich: User, applicant: Applicant
) -> Iterator[tuple[Visitor, "Place"]]:
    """Every place with a user who may open it: anonymous, without money, or with past orders."""
    for user, places in (
        (None, public_places()),
        (poor, poor_places()),
        (rich, own_places(rich, applicant)),
    ):
        visitor = visit(look, user)
        for place in places:
            yield visitor, place


def public_places() -> list[Place]:
    return [
        *map(Place, PUBLIC),
        Place(reverse("accounts:login"), do.log_in_wrongly, "wrong"),
        Place(reverse("accounts:register"), do.send("Create account"), "wrong"),
        Place(reverse("predictions:verify"), do.send("Verify"), "wrong"),
    ]


def poor_places() -> list[Place]:
    """The places of a new customer without money."""
    return [
        Place(reverse("predictions:dashboard")),
        Place(reverse("predictions:history")),
        Place(reverse("predictions:transactions")),
        Place(reverse("predictions:comparison-new")),
        Place(reverse("predictions:new") + "?example=1", do.pay_without_money, "too dear"),
    ]


def own_places(user: User, applicant: Applicant) -> list[Place]:
    """Of a customer with a past; makes that past."""
    give_money(user, 10_000_00)

    def order(model: str = "catboost", **facts: object) -> Prediction:
        return predictions.order_prediction(
            user=user,
            model=ScoringModel.objects.get(slug=model),
            applicant={**applicant, **facts},  # type: ignore[dict-item]
            request_key=new_request_key(),
        ).prediction

    def compare() -> Comparison:
        return comparisons.order_comparison(user=user, applicant=applicant, request_key=new_request_key())

    ended = [order(loan_grade="D"), order("random-forest"), order("logistic-regression", person_age=95)]
    compared = compare()
    worker.score_queued()
    explained = [*ended, *compared.predictions.all()]
    for prediction in Prediction.objects.filter(pk__in=[one.pk for one in explained]).select_related("model"):
        explanations.explain_and_store([prediction])
    Prediction.objects.filter(pk=ended[1].pk).update(what_if_used=settings.WHAT_IF_PER_PREDICTION)
    Prediction.objects.filter(pk=ended[2].pk).update(what_if_used=settings.WHAT_IF_PER_PREDICTION - 2)
    today = day_of(timezone.now())
    with_outcome = Prediction.objects.get(pk=ended[1].pk)
    for known in ("repaid", "defaulted"):
        report_outcome(with_outcome, known, today, by=user)
    for approve_from in (0.85, 0.9):
        save_policy(user, approve_from=approve_from, decline_below=0.6)
    unexplained = order()
    worker.score_queued()
    failed = order()
    Prediction.objects.filter(pk=failed.pk).update(**UNLOADABLE)
    worker.score_queued()
    canceled = predictions.cancel_prediction(order())
    pending, comparing_now = order(), compare()
    result = page_of(ended[0])
    use_keys(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return [
        *map(Place, OWN),
        Place(reverse("accounts:second-factor"), do.set_up_second_factor, "set up"),
        *map(Place, file_pages(user)),
        *(Place(page_of(one)) for one in (*ended, unexplained, failed, canceled, pending)),
        Place(reverse("predictions:comparison", args=[compared.pk])),
        Place(reverse("predictions:comparison", args=[comparing_now.pk])),
        Place(reverse("predictions:comparison", args=[compared.pk]), do.report_tomorrow, "reported wrongly"),
        Place(reverse("predictions:decision-policy")),
        Place(f"{result}?curves=1"),
        Place(reverse("predictions:share", args=[ended[0].pk])),
        Place(reverse("predictions:share", args=[ended[0].pk]), do.make_link, "created"),
        Place(_shared(ended[0])),
        Place(f"{reverse('predictions:selected')}?id={ended[0].pk}&id={ended[1].pk},{failed.pk}"),
        Place(result, do.ask_everything, "asked"),
        Place(result, do.ask_wrongly, "asked wrongly"),
        Place(result, do.report_tomorrow, "reported wrongly"),
        Place(reverse("predictions:backtest", args=["random-forest", with_outcome.model_version])),
        Place(reverse("predictions:new"), do.err_everywhere, "wrong"),
        Place(reverse("predictions:comparison-new"), do.err_everywhere_in_comparison, "wrong"),
        Place(reverse("billing:top-up"), do.send("Pay"), "wrong"),
        Place(reverse("billing:top-up") + "?amount=500", do.review("Continue"), "review"),
        Place(reverse("predictions:new"), do.review_unusual, "unusual, review"),
        Place(f"{reverse('predictions:new')}?from={ended[2].pk}", do.warn_of_unusual, "unusual"),
        Place(reverse("predictions:comparison-new") + "?example=1", do.review("Continue"), "review"),
        *(Place(f"{reverse(name)}?form={key}") for name, key in _paid_forms(user, applicant)),
        Place(reverse("predictions:new") + "?example=1", do.change_and_send_again, "paid, other values"),
        Place(
            reverse("billing:top-up") + "?amount=10",
            do.change_top_up_and_send_again,
            "paid, another amount",
        ),
        Place(reverse("accounts:password"), do.send("Change password"), "wrong"),
        Place(reverse("accounts:tokens"), do.issue_tokens, "issued"),
        Place(reverse("keys:keys"), do.send("Create key"), "wrong"),
        Place(reverse("keys:keys"), do.create_key, "created"),
        Place(reverse("accounts:reset-confirm", args=[uid, token])),
        Place(reverse("accounts:reset-confirm", args=[uid, "old-token"])),
        Place(reverse("predictions:history") + "?status=failed&model=logistic-regression"),
        Place("/there-is-no-such-page"),
        Place(reverse("predictions:dashboard"), do.open_menu, "menu"),
        *_webhook_places(user),
    ]


def _shared(prediction: Prediction) -> str:
    scored = Prediction.objects.get(pk=prediction.pk)
    _link, token = create_link(scored, days=7, with_details=True)
    return reverse("predictions:shared", args=[token])


def _webhook_places(user: User) -> list[Place]:
    pages = webhook_pages(user)
    return [
        *map(Place, pages),
        Place(pages[0], do.renew_secret, "new secret"),
        Place(reverse("accounts:webhook-new"), do.send("Add"), "wrong"),
    ]


def _paid_forms(user: User, applicant: Applicant) -> Iterator[tuple[str, str]]:
    """The names of the pages with a form, and the key of one that was paid."""
    keys = [new_request_key() for _number in range(3)]
    prediction, comparison, top_up = (f"form:{key}" for key in keys)
    model = ScoringModel.objects.get(slug="catboost")
    predictions.order_prediction(
        user=user, model=model, applicant=applicant, request_key=prediction, label="Ivanov"
    )
    comparisons.order_comparison(user=user, applicant=applicant, request_key=comparison)
    services.top_up(user=user, amount=10_00, request_key=top_up)
    names = ("predictions:new", "predictions:comparison-new", "billing:top-up")
    yield from zip(names, keys, strict=True)


def page_of(prediction: Prediction) -> str:
    return reverse("predictions:detail", args=[prediction.pk])
