"""Pages of the second factor, each of which asks who is there."""

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import tasks, tokens
from accounts.models import User
from accounts.second_factor import services
from accounts.throttling import TooManyAttempts
from tests.support.html import Page
from tests.support.people import PASSWORD, Answer
from tests.support.second_factor import app_code, turn_on

PAGE, SETUP, CODES, OFF = (
    reverse(f"accounts:second-factor{name}") for name in ("", "-setup", "-codes", "-off")
)
DOWNLOAD = reverse("accounts:second-factor-download")


def set_up(client: Client, user: User) -> Answer:
    assert client.post(PAGE, {"password": PASSWORD}).status_code == 302
    return client.post(SETUP, {"code": app_code(user)})  # type: ignore[return-value]


def shown(answer: Answer) -> list[str]:
    return [field.attributes["value"] for field in Page(answer).all("input", name="code")]


def test_it_is_on_after_a_code_of_the_app(reader: Client, alice: User) -> None:
    reader.post(PAGE, {"password": PASSWORD})
    page = Page(reader.get(SETUP))
    assert page.all("svg", role="img")
    assert len(page.all("code", class_="secret")[0].words.replace(" ", "")) == 32
    assert not services.is_on(alice)
    codes = shown(reader.post(SETUP, {"code": app_code(alice)}))  # type: ignore[arg-type]
    assert services.is_on(alice)
    assert len(set(codes)) == services.NUMBER_OF_CODES == services.codes_left(alice)
    assert reader.get(PAGE).status_code == 200


def test_codes_are_not_stored_as_they_are(reader: Client, alice: User) -> None:
    codes = shown(set_up(reader, alice))
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert not stored & {code.replace("-", "") for code in codes}
    assert not any(code in page.content.decode() for code in codes for page in (reader.get(PAGE),))


def test_other_sessions_and_tokens_end_when_it_is_turned_on(reader: Client, alice: User) -> None:
    other = Client()
    other.force_login(alice)
    access = tokens.issue(alice).access
    set_up(reader, alice)
    assert reader.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 302
    with pytest.raises(tokens.InvalidToken):
        tokens.authenticate(access.encode())


def test_a_wrong_code_or_password_turns_nothing_on(reader: Client, alice: User) -> None:
    assert reader.post(PAGE, {"password": "wrong"}).status_code == 422
    assert services.begun(alice) is None
    reader.post(PAGE, {"password": PASSWORD})
    assert reader.post(SETUP, {"code": "x"}).status_code == 422
    assert not services.is_on(alice)


def test_the_secret_is_shown_in_the_session_that_asked_for_it_alone(reader: Client, alice: User) -> None:
    reader.post(PAGE, {"password": PASSWORD})
    other = Client()
    other.force_login(alice)
    assert other.get(SETUP).status_code == 302
    assert other.post(SETUP, {"code": app_code(alice)}).status_code == 302
    assert not services.is_on(alice)


@pytest.mark.parametrize("page", [PAGE, CODES, OFF])
def test_each_step_asks_for_password_and_code(reader: Client, alice: User, page: str) -> None:
    set_up(reader, alice)
    before = set(StaticToken.objects.values_list("token", flat=True))
    for wrong in ({}, {"password": PASSWORD}, {"password": PASSWORD, "code": "aaaa-bbbb-cccc-dddd"}):
        assert reader.post(page, wrong).status_code == 422
    assert reader.post(page, {"password": "wrong", "code": app_code(alice, 1)}).status_code == 422
    assert set(StaticToken.objects.values_list("token", flat=True)) == before
    assert services.is_on(alice)


def test_recovery_codes_are_replaced(reader: Client, alice: User) -> None:
    old = shown(set_up(reader, alice))
    new = shown(reader.post(CODES, {"password": PASSWORD, "code": app_code(alice, 1)}))  # type: ignore[arg-type]
    assert len(new) == services.NUMBER_OF_CODES
    assert not set(old) & set(new)
    with pytest.raises(services.WrongCode):
        services.verify(alice, old[0])


def test_it_is_turned_off(reader: Client, alice: User) -> None:
    set_up(reader, alice)
    answer = reader.post(OFF, {"password": PASSWORD, "code": app_code(alice, 1)})
    assert answer.status_code == 302
    assert not services.is_on(alice)
    assert not StaticToken.objects.exists()


def test_codes_are_downloaded_as_text(reader: Client, alice: User) -> None:
    codes = shown(set_up(reader, alice))
    answer = reader.post(DOWNLOAD, {"code": [*codes[:2], "<script>"]})
    assert answer.content.decode() == f"{codes[0]}\r\n{codes[1]}\r\n"
    assert "attachment" in answer["Content-Disposition"]


def test_the_owner_is_told(alice: User) -> None:
    for kind in ("second_factor_on", "second_factor_off", "recovery_codes"):
        tasks.mail_notice(kind, alice.email, "alice", "en")
    assert [message.to for message in mail.outbox] == [[alice.email]] * 3


def test_a_lost_one_is_turned_off_on_the_server(alice: User) -> None:
    turn_on(alice)
    call_command("second_factor_off", "ALICE")
    assert not services.is_on(alice)
    with pytest.raises(CommandError):
        call_command("second_factor_off", "nobody")


def test_who_knows_the_password_delays_the_owner_by_minutes(alice: User) -> None:
    turn_on(alice)
    device = TOTPDevice.objects.get(user=alice)
    TOTPDevice.objects.update(throttling_failure_count=60, throttling_failure_timestamp=timezone.now())
    with pytest.raises(TooManyAttempts) as refused:
        services.verify(alice, app_code(alice))
    assert refused.value.retry_after <= 10 * 60
    device.refresh_from_db()
    assert device.throttling_failure_count == services.MAX_DOUBLED
