import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from tests.support.database import database_url
from tests.support.html import Page
from tests.support.people import ApiClientFor


def test_it_is_there_once(transactional_db: None, alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDIT = 500_00

    def balance(_number: int) -> int:
        try:
            return services.wallet_of(alice).balance
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(balance, range(8))) == {500_00}
    entry = Entry.objects.get()
    assert (entry.kind, entry.amount, entry.balance_after) == ("bonus", 500_00, 500_00)
    assert Wallet.objects.count() == 1


def test_the_variable_is_in_whole_units(transactional_db: None, alice: User) -> None:
    program = (
        "import django; django.setup()\n"
        "from accounts.models import User\n"
        "from billing.services import wallet_of\n"
        "wallet_of(User.objects.get())"
    )
    environment = {"WELCOME_CREDIT": "5", "DATABASE_URL": database_url()}
    environment["DJANGO_SETTINGS_MODULE"] = "creditscore.settings"
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=django_settings.BASE_DIR,
        env=os.environ | environment,
        check=True,
    )
    assert Entry.objects.get().amount == 5_00
    assert Wallet.objects.get().balance == 5_00


def test_there_is_none_by_default(alice: User, api: ApiClientFor) -> None:
    assert api(alice).get("/api/v1/balance/").json() == {"balance": "0.00", "currency": "USD"}
    assert not Entry.objects.exists()


def test_the_list_of_transactions_says_what_it_is(reader: Client, alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDIT = 5_00
    services.wallet_of(alice)
    page = Page(reader.get(reverse("predictions:transactions"), headers={"Accept-Language": "ru"}))
    assert "За регистрацию" in page.by_id("main").words.replace("\u00a0", " ")
