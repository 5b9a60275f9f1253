from functools import cache

from django.http import HttpRequest

from accounts.access import signed_in
from billing.services import wallet_of


def balance(request: HttpRequest) -> dict[str, object]:
    """`balance` in minor units on every page; it is looked up once, and only where a template shows it."""
    # The plain page of a request that was refused early has no user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"balance": cache(lambda: wallet_of(signed_in(request)).balance)}
