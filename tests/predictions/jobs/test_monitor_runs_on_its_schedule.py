import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_results.models import TaskResult

from accounts.models import TokenFamily, User
from billing.models import IdempotencyRecord
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import CeleryProcess, StartWorker


@pytest.mark.django_db(transaction=True)
def test_a_real_clock_has_what_was_left_open_finished_and_keeps_the_run(
    alice: User, order: OrderFor, start_worker: StartWorker, start_clock: Callable[[], CeleryProcess]
) -> None:
    give_money(alice, 100_00)
    left, forgotten = order(alice), order(alice)
    worker.claim(Prediction.objects.filter(pk=left.pk), 1)
    long_ago = timezone.now() - configured.LEASE - timedelta(seconds=5)
    Prediction.objects.filter(pk=left.pk).update(claimed_at=long_ago)
    Prediction.objects.filter(pk=forgotten.pk).update(created_at=long_ago)
    interval = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(task=tasks.monitor.name).update(interval=interval)

    start_worker()
    start_clock()
    deadline = time.monotonic() + 40
    while Prediction.objects.pending().exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert set(Prediction.objects.values_list("status", flat=True)) == {"succeeded"}
    while not TaskResult.objects.filter(status="SUCCESS").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    run = TaskResult.objects.filter(task_name=tasks.monitor.name, status="SUCCESS").order_by("pk").first()
    assert run is not None
    assert '"requeued": 1' in run.result


def test_provision_leaves_what_operators_have_edited(catalog: None) -> None:
    PeriodicTask.objects.filter(task=tasks.monitor.name).update(enabled=False, name="Renamed")
    ScoringModel.objects.filter(slug="catboost").update(price=1, active=False, name_en="Renamed")
    before = list(ScoringModel.objects.values()), list(PeriodicTask.objects.values())
    call_command("provision")
    assert (list(ScoringModel.objects.values()), list(PeriodicTask.objects.values())) == before


@pytest.mark.parametrize(
    "page",
    [
        "django_celery_beat/periodictask",
        "django_celery_beat/intervalschedule",
        "django_celery_results/taskresult",
    ],
)
def test_operators_see_schedules_and_runs(operator: User, client: Client, catalog: None, page: str) -> None:
    client.force_login(operator)
    assert client.get(f"/admin/{page}/").status_code == 200


def test_operators_change_the_interval_and_switch_it_off(
    operator: User, client: Client, catalog: None
) -> None:
    client.force_login(operator)
    monitor = PeriodicTask.objects.get(task=tasks.monitor.name)
    slower = IntervalSchedule.objects.create(every=60, period=IntervalSchedule.SECONDS)
    form = (
        client.get(f"/admin/django_celery_beat/periodictask/{monitor.pk}/change/").context["adminform"].form
    )
    data = {name: value for name, value in form.initial.items() if value not in (None, False)}
    data |= {"interval": slower.pk, "regtask": monitor.task, "start_time_0": "", "start_time_1": ""}
    data.pop("enabled")
    answer = client.post(f"/admin/django_celery_beat/periodictask/{monitor.pk}/change/", data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    monitor.refresh_from_db()
    assert (monitor.interval, monitor.enabled) == (slower, False)


def test_housekeeping_forgets_what_has_run_out_and_nothing_else(alice: User) -> None:
    now, day = timezone.now(), timedelta(days=1)
    for age in (timedelta(0), 2 * day):
        IdempotencyRecord.objects.create(
            user=alice, key=f"{age}", fingerprint="x", created_at=now - age, status=201, body="{}"
        )
        Session.objects.create(session_key=f"{age}", session_data="x", expire_date=now + day - age)
        TokenFamily.objects.create(user=alice, auth_hash="x", expires_at=now + day - age)
    assert tasks.housekeeping() == {"idempotency_records": 1, "token_families": 1}
    assert TokenFamily.objects.get().expires_at == now + day
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["0:00:00"]
    assert [session.session_key for session in Session.objects.all()] == ["0:00:00"]
