"""Attacks on a name from elsewhere slow down strangers, not its owner at a known device or network."""

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from accounts.attempts.devices import COOKIE
from accounts.attempts.limits import OF_ACCOUNT, OF_CLIENT, OF_NETWORK
from accounts.models import User
from tests.support.clock import Forward
from tests.support.log_ins import log_in
from tests.support.people import PASSWORD

LOGIN, LOGOUT = "/account/login/", "/account/logout/"
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.1"
SIGN_UP = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-42"}


def log_in_at(client: Client, address: str, username: str = "alice", password: str = PASSWORD) -> int:
    """The status of the log-in page's answer: 302, 422 or 429."""
    sent = {"username": username, "password": password}
    return client.post(LOGIN, sent, REMOTE_ADDR=address).status_code


def known_browser(address: str = HOME) -> Client:
    """A browser that alice has logged in from, and out again."""
    client = Client()
    assert log_in_at(client, address) == 302
    client.post(LOGOUT)
    return client


def attack(name: str = "alice") -> None:
    """Wrong passwords from many addresses, until every stranger is refused."""
    for number in range(OF_ACCOUNT.size):
        # An address costs two hashes, so the strangers' budget may end first.
        assert log_in(name, address=f"198.51.100.{number}").status_code in (401, 429)
    assert log_in(name, address="198.51.100.200").status_code == 429


def test_an_attack_does_not_lock_out_a_known_device(alice: User, forward: Forward) -> None:
    browser = known_browser()
    attack()
    assert log_in_at(Client(), ELSEWHERE) == 429
    assert log_in_at(browser, ELSEWHERE) == 302


def test_an_attack_on_the_email_does_not_either(alice: User, forward: Forward) -> None:
    browser = known_browser()
    attack("ALICE@example.org")
    assert log_in_at(browser, ELSEWHERE) == 302


def test_an_attack_does_not_lock_out_programs_on_a_known_network(alice: User, forward: Forward) -> None:
    assert log_in(password=PASSWORD, address="2001:db8:0:1::1").status_code == 200
    attack()
    assert log_in(password=PASSWORD, address="2001:db8:0:1::2").status_code == 200
    assert log_in(password=PASSWORD, address="2001:db8:0:2::1").status_code == 429


@pytest.mark.parametrize("by", ["page", "api"])
def test_where_one_signs_up_is_known(db: None, forward: Forward, by: str) -> None:
    browser = Client()
    if by == "page":
        browser.post("/account/register/", SIGN_UP, REMOTE_ADDR=HOME)
        browser.post(LOGOUT)
    else:
        browser.post("/api/v1/auth/register/", SIGN_UP, content_type="application/json", REMOTE_ADDR=HOME)
    attack("carol")
    assert log_in("carol", SIGN_UP["password"], address=HOME).status_code == 200
    elsewhere = log_in_at(browser, ELSEWHERE, "carol", SIGN_UP["password"])
    assert elsewhere == (302 if by == "page" else 429)


def test_guesses_at_other_names_do_not_lock_out_a_known_device_behind_the_same_address(
    alice: User, forward: Forward
) -> None:
    browser = known_browser()
    for number in range(OF_NETWORK.size):
        log_in(f"user{number}", address=ELSEWHERE)
    assert log_in_at(Client(), ELSEWHERE) == 429
    assert log_in_at(browser, ELSEWHERE) == 302


def test_a_known_device_has_a_limit_too(alice: User, forward: Forward) -> None:
    browser = known_browser()
    for number in range(OF_CLIENT.size):
        # A thief of the cookie gains nothing by changing addresses.
        assert log_in_at(browser, f"203.0.113.{number}", password="wrong") == 422
    assert log_in_at(browser, ELSEWHERE) == 429
    assert log_in_at(Client(), ELSEWHERE) == 302
    forward(1)
    assert log_in_at(browser, ELSEWHERE) == 302


def test_a_wrong_password_makes_nothing_known(alice: User, forward: Forward) -> None:
    browser = Client()
    attack()
    forward(1)
    assert log_in_at(browser, ELSEWHERE, password="wrong") == 422
    assert COOKIE not in browser.cookies
    assert log_in_at(browser, ELSEWHERE) == 429


def test_a_device_is_known_for_its_own_user_only(alice: User, bob: User, forward: Forward) -> None:
    browser = known_browser()
    attack("bob")
    assert log_in_at(browser, ELSEWHERE, "bob") == 429


@pytest.mark.parametrize("forged", ["", "x", "x" * 5000, "a:b:c", "é"])
def test_a_forged_cookie_is_a_strangers(alice: User, forward: Forward, forged: str) -> None:
    attack()
    browser = Client()
    browser.cookies[COOKIE] = forged
    assert log_in_at(browser, ELSEWHERE) == 429


def test_a_cookie_of_last_year_is_a_strangers(alice: User, forward: Forward) -> None:
    browser = known_browser()
    forward(366 * 24 * 3600)
    attack()
    assert log_in_at(browser, ELSEWHERE) == 429


def test_the_cookie_is_for_the_log_in_page_alone_and_not_for_scripts(alice: User, settings: Settings) -> None:
    for secure in (False, True):
        settings.SESSION_COOKIE_SECURE = secure
        client = Client()
        log_in_at(client, HOME)
        cookie = client.cookies[COOKIE]
        assert cookie["path"] == LOGIN
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert bool(cookie["secure"]) is secure
        assert int(cookie["max-age"]) == 365 * 24 * 3600
        assert str(alice.pk) not in client.cookies["sessionid"].value
        assert "alice" not in cookie.value


def test_a_new_password_by_mail_makes_the_device_known(alice: User, forward: Forward) -> None:
    """The way in for an owner at a new device while the name is under attack."""
    from tests.support.resets import reset_link

    attack()
    browser = Client()
    form = browser.get(reset_link(alice), REMOTE_ADDR=ELSEWHERE)["Location"]
    browser.post(form, {"new_password": "kettle-ocean-42"}, REMOTE_ADDR=ELSEWHERE)
    assert log_in_at(browser, ELSEWHERE, password="kettle-ocean-42") == 302
    assert settings.SESSION_COOKIE_NAME in browser.cookies
