from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_results.models import TaskResult

from accounts.models import AccountSession as Session
from accounts.models import TokenFamily, User
from billing.models import IdempotencyRecord
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from tests.support.messages import empty_queue
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import CeleryProcess, StartWorker, wait_for


@pytest.mark.django_db(transaction=True)
def test_a_real_clock_has_what_was_left_open_finished_and_keeps_the_run(
    alice: User, order: OrderFor, start_worker: StartWorker, start_clock: Callable[[], CeleryProcess]
) -> None:
    give_money(alice, 100_00)
    late, forgotten = order(alice), order(alice)
    # Workers leave the one alone, because it is claimed, and were never told of the other.
    worker.claim(Prediction.objects.filter(pk=late.pk), 1)
    long_ago = timezone.now() - configured.DEADLINE - timedelta(seconds=5)
    # On a slow machine the lease would end before the clock has started.
    claimed_at = timezone.now() + timedelta(hours=1)
    Prediction.objects.filter(pk=late.pk).update(queued_at=long_ago, claimed_at=claimed_at)
    empty_queue("orders")
    interval = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(task=tasks.monitor.name).update(interval=interval)

    start_worker()
    start_clock()
    wait_for(lambda: not Prediction.objects.pending().exists())
    late.refresh_from_db()
    forgotten.refresh_from_db()
    assert (late.failure, forgotten.status) == ("deadline_passed", "succeeded")
    runs = TaskResult.objects.filter(task_name=tasks.monitor.name, status="SUCCESS")
    wait_for(lambda: runs.filter(result__contains='"deadline_passed": 1').exists())


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
    report = tasks.housekeeping()
    assert (report["idempotency_records"], report["token_families"]) == (1, 1)
    assert TokenFamily.objects.get().expires_at == now + day
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["0:00:00"]
    assert [session.session_key for session in Session.objects.all()] == ["0:00:00"]
