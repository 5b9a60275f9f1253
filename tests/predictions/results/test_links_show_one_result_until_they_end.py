from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from predictions.models import Prediction, ShareLink
from predictions.results.sharing import MAX_WORKING, TooManyLinks, create_link, find_link, revoke_link
from predictions.results.what_if import NotFinished
from tests.support.orders import Bought, ResultFor


def test_its_secret_part_has_256_bits_and_is_nowhere_in_the_database(result: ResultFor) -> None:
    prediction = result()
    link, token = create_link(prediction, days=7, with_details=False)
    assert len(token) == 43
    assert token not in str(ShareLink.objects.filter(pk=link.pk).values().get())
    found = find_link(token)
    assert found is not None
    assert found.prediction == prediction


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_it_ends(result: ResultFor, end: str) -> None:
    prediction = result()
    link, token = create_link(prediction, days=1, with_details=False)
    if end == "revoked":
        assert revoke_link(prediction, link.public_id)
        assert not revoke_link(prediction, link.public_id)
    else:
        past = timezone.now() - timedelta(seconds=1)
        ShareLink.objects.filter(pk=link.pk).update(created_at=past - timedelta(days=1), expires_at=past)
    assert find_link(token) is None
    link.refresh_from_db()
    assert link.ended_at is not None


def test_others_links_cannot_be_revoked(result: ResultFor) -> None:
    mine, other = result(), result()
    link, token = create_link(mine, days=1, with_details=False)
    assert not revoke_link(other, link.public_id)
    assert find_link(token)


def test_one_ends_and_the_others_go_on(result: ResultFor) -> None:
    prediction = result()
    first, _token = create_link(prediction, days=1, with_details=False)
    _second, token = create_link(prediction, days=1, with_details=True)
    revoke_link(prediction, first.public_id)
    assert find_link(token)


def test_there_is_a_limit_of_those_that_work(result: ResultFor) -> None:
    prediction = result()
    links = [create_link(prediction, days=1, with_details=False)[0] for _ in range(MAX_WORKING)]
    with pytest.raises(TooManyLinks):
        create_link(prediction, days=1, with_details=False)
    revoke_link(prediction, links[0].public_id)
    create_link(prediction, days=1, with_details=False)


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_keep_to_the_limit(result: ResultFor) -> None:
    prediction = result()
    for _ in range(MAX_WORKING - 1):
        create_link(prediction, days=1, with_details=False)

    def create(_number: int) -> bool:
        try:
            create_link(prediction, days=1, with_details=False)
        except TooManyLinks:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(create, range(4))) == 1


def test_what_has_no_result_has_no_link(bought: Bought) -> None:
    prediction = bought()
    Prediction.objects.filter(pk=prediction.pk).update(
        status="queued", approval_probability=None, finished_at=None
    )
    prediction.refresh_from_db()
    with pytest.raises(NotFinished):
        create_link(prediction, days=1, with_details=False)


def test_lifetimes_are_those_of_the_form(result: ResultFor) -> None:
    with pytest.raises(ValueError, match="days"):
        create_link(result(), days=365, with_details=False)
