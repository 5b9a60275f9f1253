from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone as django_timezone
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from accounts.webhooks import signing

# The vector that the standard's libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize("zone", [UTC, MOSCOW, timezone(timedelta(hours=-11))])
def test_the_published_vector_in_any_zone(zone: timezone) -> None:
    at = datetime.fromtimestamp(AT, UTC).astimezone(zone)
    assert signing.headers(ID, at, BODY, [SECRET]) == {
        "webhook-id": ID,
        "webhook-timestamp": str(AT),
        "webhook-signature": SIGNATURE,
    }


def test_receivers_accept_what_is_signed_now_by_the_clock_of_moscow() -> None:
    secret = signing.secret_from(signing.new_seed())
    headers = signing.headers("1", django_timezone.now().astimezone(MOSCOW), BODY, [secret])
    assert Webhook(secret).verify(BODY, headers) == {"test": 2432232314}


def test_each_of_two_secrets_accepts_and_another_one_does_not() -> None:
    old, new, other = (signing.secret_from(signing.new_seed()) for _number in range(3))
    headers = signing.headers("1", django_timezone.now(), BODY, [new, old])
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + " ", headers)


def test_secrets_have_256_bits_and_none_is_empty() -> None:
    secret = signing.secret_from(signing.new_seed())
    assert secret.startswith("whsec_")
    assert len(Webhook(secret)._whsecret) == 32
    with pytest.raises(ValueError, match="seed"):
        signing.secret_from("")
    with pytest.raises(EmptyWebhookSecretError):
        Webhook("whsec_")


def test_a_seed_gives_one_secret_and_another_service_another_one(settings: object) -> None:
    seed = signing.new_seed()
    secret = signing.secret_from(seed)
    assert signing.secret_from(seed) == secret
    assert seed not in secret
    settings.SECRET_KEY = "the key of another service, which has a copy of the database"  # type: ignore[attr-defined]
    assert signing.secret_from(seed) != secret
