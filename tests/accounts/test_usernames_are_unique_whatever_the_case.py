import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User
from tests.support.people import PASSWORD


def sign_up(username: str) -> User:
    return services.register(username=username, email="a@example.org", password=PASSWORD, network="192.0.2.1")


def test_it_refuses_another_case_of_a_taken_username(db: None) -> None:
    sign_up("Alice")
    with pytest.raises(ValidationError) as refusal:
        sign_up("aLICE")
    assert list(refusal.value.message_dict) == ["username"]


def test_it_holds_in_the_database_itself(db: None) -> None:
    sign_up("alice")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="ALICE")


def test_it_logs_in_with_any_case(db: None) -> None:
    user = sign_up("Alice")
    answer = APIClient().post(
        "/api/v1/auth/token/", {"username": "alICE", "password": PASSWORD}, format="json"
    )
    token = answer.json()["access"]
    me = APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {token}").json()
    assert me["id"] == str(user.pk)


@pytest.mark.parametrize("username", ["", "a b", "алиса", "a\x00b", "x" * 151])
def test_it_refuses_names_that_could_deceive(db: None, username: str) -> None:
    with pytest.raises(ValidationError):
        sign_up(username)
    assert not User.objects.exists()
