"""The admin's pages of trainings: upload, progress, what was found, cancel; for those who may."""

import html
import re
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.lifecycle import training_process, trainings
from predictions.models import TrainingRun
from tests.support.spoiled_loans import LEAKS
from tests.support.trainings import SCORECARD, QueueTraining, own_csv

ADD = reverse("admin:predictions_trainingrun_add")
LIST = reverse("admin:predictions_trainingrun_changelist")


def form(content: bytes = b"a,b\n1,2\n", name: str = "own.csv", **fields: object) -> dict[str, object]:
    return {
        "file": SimpleUploadedFile(name, content),
        "slugs": [SCORECARD],
        "effort": "quick",
        "share_percent": 0,
        "reason": "loans of last year",
        **fields,
    }


def page_of(run: TrainingRun) -> str:
    return reverse("admin:predictions_trainingrun_change", args=[run.pk])


def text(answer: object) -> str:
    assert isinstance(answer, HttpResponse)
    return html.unescape(answer.content.decode())


@pytest.fixture
def pages(client: Client, operator: User, own_versions: Path, catalog: None) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def staff(alice: User, client: Client, own_versions: Path, catalog: None) -> User:
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    return alice


def give(user: User, codename: str) -> None:
    user.user_permissions.add(Permission.objects.get(codename=codename))


def test_an_upload_is_queued_and_its_page_renews_itself(pages: Client, operator: User) -> None:
    answer = pages.post(ADD, form(own_csv()))
    run = TrainingRun.objects.get()
    assert answer.headers["Location"] == page_of(run)
    assert (run.created_by, run.slugs, run.effort) == (operator, [SCORECARD], "quick")
    shown = pages.get(page_of(run))
    assert re.fullmatch(rf"5;url={page_of(run)}\?since=\d+", shown.headers["Refresh"])
    assert "Queued" in text(shown)
    claimed = trainings.claim()
    assert claimed
    assert "Checking the data" in text(pages.get(page_of(run)))
    step = {"code": "fold", "slug": SCORECARD, "number": 1, "count": 2}
    assert trainings.renew(claimed, step=step, progress=16)
    shown = pages.get(page_of(run))
    assert 'value="16"' in text(shown)
    assert "fold 1 of 2" in text(shown)
    assert "Running" in text(pages.get(LIST))
    assert LogEntry.objects.get().change_message == "Training queued: loans of last year"


def test_a_page_that_has_asked_for_minutes_says_that_it_ends(pages: Client) -> None:
    pages.post(ADD, form(own_csv()))
    run = TrainingRun.objects.get()
    shown = pages.get(page_of(run), {"since": "1"})
    assert "Refresh" not in shown.headers
    assert "no longer renewed by itself" in text(shown)
    assert f'href="{page_of(run)}">Check again' in text(shown)


def test_a_refusal_is_told_in_both_languages_and_can_be_asked_for_again(pages: Client) -> None:
    from predictions.training.synthetic import synthetic_frame

    spoil, field = LEAKS["incomes that end in 1"]
    content = spoil(synthetic_frame(1_000, 3)).to_csv(index=False).encode()
    pages.post(ADD, form(content))
    assert training_process.run_next()
    run = TrainingRun.objects.get()
    shown = pages.get(page_of(run))
    assert "Refresh" not in shown.headers
    assert "Data refused" in text(shown)
    assert f"{field} gives the outcome away: its last digit alone tells it" in text(shown)
    again = f"{ADD}?again={run.pk}"
    assert again in text(shown)
    assert 'value="loans of last year"' in text(pages.get(again))
    russian = text(pages.get(page_of(run), headers={"Accept-Language": "ru"})).replace("\xa0", " ")
    assert "Данные не приняты" in russian
    assert "выдаёт исход: его последняя цифра предсказывает" in russian


def test_a_training_is_canceled_by_its_button_alone(pages: Client) -> None:
    pages.post(ADD, form())
    run = TrainingRun.objects.get()
    cancel = reverse("admin:predictions_trainingrun_cancel", args=[run.pk])
    assert cancel in text(pages.get(page_of(run)))
    pages.get(cancel)
    assert TrainingRun.objects.get().status == "queued"
    assert "its file deleted" in text(pages.post(cancel, follow=True))
    assert TrainingRun.objects.get().status == "canceled"
    assert "had ended before" in text(pages.post(cancel, follow=True))
    assert cancel not in text(pages.get(page_of(run)))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"content": b"PK\x03\x04" + b"\0" * 90, "name": "own.xlsx"}, "not a CSV file"),
        ({"content": b"%PDF-1.7 and so on"}, "not a CSV file"),
        ({"content": b"a\0b"}, "not a CSV file"),
        ({"content": b""}, "The submitted file is empty"),
        ({"file": ""}, "This field is required"),
        ({"reason": " "}, "This field is required"),
        ({"slugs": []}, "This field is required"),
        ({"slugs": ["no-such-model"]}, "is not one of the available choices"),
        ({"effort": "none"}, "is not one of the available choices"),
        ({"share_percent": 101}, "less than or equal to 100"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_its_reason(
    pages: Client, fields: dict[str, object], reason: str
) -> None:
    answer = pages.post(ADD, form(**fields))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert reason in text(answer)
    assert not TrainingRun.objects.exists()


def test_a_file_that_is_too_large_is_refused(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainings, "MAX_BYTES", 10)
    assert "more than 20 MB" in text(pages.post(ADD, form(own_csv(600))))
    # And a body that is far too long, before it is read.
    assert pages.post(ADD, form(b"x" * 20_200_000)).status_code == 413
    assert not TrainingRun.objects.exists()


def test_many_that_wait_are_enough(pages: Client) -> None:
    for _number in range(trainings.MAX_QUEUED):
        pages.post(ADD, form())
    assert "Other trainings wait already" in text(pages.post(ADD, form()))


def test_it_takes_a_permission_of_its_own(client: Client, staff: User) -> None:
    for address in (ADD, LIST):
        assert client.get(address).status_code == 403
    assert client.post(ADD, form()).status_code == 403
    give(staff, "view_trainingrun")
    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, form()).status_code == 403
    assert not TrainingRun.objects.exists()
    give(staff, "train_version")
    assert client.get(ADD).status_code == 200
    # To name challengers takes another one: what is sent for it is nothing.
    assert "share_percent" not in text(client.get(ADD))
    assert client.post(ADD, form(share_percent=50)).status_code == 302
    assert TrainingRun.objects.get().share_percent == 0


def test_who_may_only_look_cancels_nothing(
    client: Client, staff: User, queue_training: QueueTraining
) -> None:
    run = queue_training()
    give(staff, "view_trainingrun")
    cancel = reverse("admin:predictions_trainingrun_cancel", args=[run.pk])
    assert cancel not in text(client.get(page_of(run)))
    assert client.post(cancel).status_code == 403
    assert TrainingRun.objects.get().status == "queued"


def test_forms_of_other_sites_are_refused(operator: User, own_versions: Path, catalog: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)
    assert strict.post(ADD, form()).status_code == 403
    assert not TrainingRun.objects.exists()


def test_there_is_no_page_for_what_is_no_training(pages: Client) -> None:
    for key in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        assert pages.get(reverse("admin:predictions_trainingrun_change", args=[key])).status_code == 404
    assert pages.get(f"{ADD}?again=nonsense").status_code == 200
