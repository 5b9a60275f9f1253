"""With test payments in production, every page says that no money is charged; in a trial, that it is one."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.support.addresses import ADMIN, OWN, PUBLIC

TEXTS = {"en": "Test mode: payments are not real", "ru": "Тестовый режим: платежи ненастоящие"}


@pytest.fixture(autouse=True)
def _test_payments(settings: Settings, catalog: None) -> None:
    settings.TEST_PAYMENTS = True


def read(client: Client, address: str, language: str) -> str:
    answer = client.get(address, headers={"Accept-Language": language, "Accept": "text/html"})
    return str(answer.content.decode())


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("address", [*PUBLIC, "/docs/"])
def test_to_strangers(client: Client, address: str, language: str) -> None:
    assert TEXTS[language] in read(client, address, language)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("address", OWN)
def test_to_customers(alices: Client, address: str, language: str) -> None:
    assert TEXTS[language] in read(alices, address, language)


@pytest.mark.parametrize("address", ADMIN)
def test_to_operators(client: Client, operator: User, address: str) -> None:
    client.force_login(operator)
    assert TEXTS["en"] in read(client, address, "en")


@pytest.mark.parametrize(("language", "text"), [("en", "This is a trial."), ("ru", "Это пробный запуск.")])
def test_in_a_trial_beside_what_it_is(client: Client, settings: Settings, language: str, text: str) -> None:
    for address in (*PUBLIC, "/docs/"):
        assert text not in read(client, address, language)
    settings.TRIAL = True
    for address in (*PUBLIC, "/docs/"):
        page = read(client, address, language)
        assert text in page
        assert TEXTS[language] in page


def test_nobody_is_told_on_one_machine(client: Client, settings: Settings) -> None:
    settings.TEST_PAYMENTS = False
    assert TEXTS["en"] not in read(client, "/", "en")
