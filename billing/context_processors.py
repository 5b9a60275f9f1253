from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import signed_in
from billing.services import wallet_of


def balance(request: HttpRequest) -> dict[str, object]:
    """`balance` in minor units on every page; it is looked up only where a template shows it."""
    if not request.user.is_authenticated:
        return {}
    return {"balance": SimpleLazyObject(lambda: wallet_of(signed_in(request)).balance)}
