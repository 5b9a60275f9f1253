"""The same password logs in, however a keyboard or a system composes its letters."""

import unicodedata
from collections.abc import Callable
from io import StringIO
from typing import Literal, TypeAlias

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.log_ins import log_in
from tests.support.resets import reset_link

# Letters with accents, "й" and "ё", full-width letters, a ligature, a non-breaking space.
TYPED = "Crème йод-ёж Ｆｕｌｌ ﬁn\u00a0naïve"
Form: TypeAlias = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: list[Form] = ["NFC", "NFD", "NFKC", "NFKD"]
EMAIL = "carol@example.org"


def sign_up_page(password: str) -> None:
    sent = {"username": "carol", "email": EMAIL, "password": password}
    assert Client().post("/account/register/", sent).status_code == 302


def sign_up_api(password: str) -> None:
    sent = {"username": "carol", "email": EMAIL, "password": password}
    assert APIClient().post("/api/v1/auth/register/", sent, format="json").status_code == 201


def change(password: str) -> None:
    client = Client()
    client.force_login(User.objects.create_user("carol", EMAIL, "old battery"))
    sent = {"old_password": "old battery", "new_password": password}
    assert client.post("/account/password/", sent).status_code == 302


def reset(password: str) -> None:
    client = Client()
    form = client.get(reset_link(User.objects.create_user("carol", EMAIL, "old battery")))["Location"]
    assert client.post(form, {"new_password": password}).status_code == 302


def admin(password: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", "operator@example.org", "old battery"))
    carol = User.objects.create_user("carol", EMAIL, "old battery")
    sent = {"password1": password, "password2": password, "usable_password": "true"}
    assert client.post(f"/admin/accounts/user/{carol.pk}/password/", sent).status_code == 302


def createsuperuser(password: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
        call_command("createsuperuser", username="carol", email=EMAIL, interactive=False, stdout=StringIO())


@pytest.mark.parametrize("set_by", [sign_up_page, sign_up_api, change, reset, admin, createsuperuser])
@pytest.mark.parametrize("form", FORMS)
def test_it_may_be_set_and_typed_in_any_form(db: None, set_by: Callable[[str], None], form: Form) -> None:
    set_by(unicodedata.normalize(form, TYPED))
    for typed in FORMS:
        password = unicodedata.normalize(typed, TYPED)
        assert log_in("carol", password).status_code == 200
        page = Client().post("/account/login/", {"username": "carol", "password": password})
        assert page.status_code == 302
    assert log_in("carol", TYPED.replace("é", "e").replace("è", "e")).status_code == 401


@pytest.mark.parametrize("form", FORMS)
def test_a_hash_of_before_still_matches(alice: User, form: Form) -> None:
    password = unicodedata.normalize(form, TYPED)
    hasher = BCryptSHA256PasswordHasher()
    User.objects.update(password=hasher.encode(password, hasher.salt()))
    assert log_in(password=password).status_code == 200
    client = Client()
    client.force_login(User.objects.get())
    sent = {"old_password": password, "new_password": "kettle-ocean-42"}
    assert client.post("/account/password/", sent).status_code == 302


@pytest.mark.parametrize(
    ("password", "hashes"), [("wrong", 1), ("неверный", 1), (unicodedata.normalize("NFD", "неверный"), 2)]
)
def test_a_name_that_nobody_has_costs_as_many_hashes(
    alice: User, hashed: list[str], password: str, hashes: int
) -> None:
    for name, passwords in (("alice", 1), ("nobody", 1), ("nobody@x.org", 2), ("alice@example.org", 2)):
        hashed.clear()
        assert log_in(name, password).status_code == 401
        assert len(hashed) == passwords * hashes


@pytest.mark.parametrize(("letters", "status"), [(128, 201), (129, 422)])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_length_is_that_of_the_normalized_form(db: None, letters: int, status: int, form: Form) -> None:
    password = unicodedata.normalize(form, "é" * letters)
    sent = {"username": "carol", "email": EMAIL, "password": password}
    assert APIClient().post("/api/v1/auth/register/", sent, format="json").status_code == status
    page = Client().post("/account/register/", sent | {"username": "carol2"})
    assert page.status_code == (302 if status == 201 else 422)
    if status == 201:
        assert log_in("carol", password).status_code == 200


def test_accents_do_not_make_a_short_password_long(db: None) -> None:
    sent = {"username": "carol", "email": EMAIL, "password": unicodedata.normalize("NFD", "éàïõ")}
    answer = APIClient().post("/api/v1/auth/register/", sent, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "password_too_short"
