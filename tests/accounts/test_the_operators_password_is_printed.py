"""`manage.py operator_password` opens the operator's account, and no other."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import User
from tests.support.addresses import ADMIN
from tests.support.people import PASSWORD


def printed() -> str:
    output = StringIO()
    call_command("operator_password", stdout=output)
    return output.getvalue().split()[-1]


def test_a_first_one_and_another_one(db: None) -> None:
    first = printed()
    user = User.objects.get()
    assert (user.username, user.is_superuser, user.is_staff) == ("operator", True, True)
    browser = Client()
    browser.force_login(user)

    second = printed()
    user.refresh_from_db()
    assert first != second
    assert user.check_password(second)
    assert user.must_change_password
    # Whoever knew the old one is out.
    assert browser.get(ADMIN[0]).status_code == 302


@pytest.mark.parametrize("change", [{"is_superuser": False}, {"is_active": False}])
def test_no_account_of_somebody_else(operator: User, change: dict[str, bool]) -> None:
    """Anyone may sign up with the name, if nobody has it."""
    User.objects.update(**change)
    with pytest.raises(CommandError, match="is not an operator"):
        printed()
    assert User.objects.get().check_password(PASSWORD)
