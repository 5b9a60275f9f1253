"""The second step of a log-in on the page: a signed hidden input says whose password was right.

The server stores nothing for whoever has not logged in yet. The input alone opens nothing.
"""

from datetime import timedelta

from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

INPUT = "second_step"
SALT = "accounts.second_factor.log_in"
MAX_AGE = timedelta(minutes=10)
MAX_LENGTH = 500


def token_for(user: User) -> str:
    return signing.dumps([str(user.pk), _fingerprint(user)], salt=SALT)


def user_of(request: HttpRequest) -> User | None:
    """Return the active user whose password was right ten minutes ago at most, and is the same since."""
    token = request.POST.get(INPUT, "")
    try:
        pk, fingerprint = signing.loads(token[:MAX_LENGTH], salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    same = user is not None and constant_time_compare(fingerprint, _fingerprint(user))
    return user if same else None


def _fingerprint(user: User) -> str:
    return salted_hmac(SALT, user.get_session_auth_hash(), algorithm="sha256").hexdigest()
