from django.test import Client

from accounts.models import User
from tests.support.people import PASSWORD

NEW = "another horse battery staple"


def test_it_keeps_this_session_and_ends_the_others(alice: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(alice)
    here.post("/account/password/", {"old_password": PASSWORD, "new_password": NEW})
    assert here.get("/dashboard/").status_code == 200
    assert elsewhere.get("/dashboard/")["Location"].startswith("/account/login/")


def test_it_wants_the_present_password_and_a_good_new_one(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    for old, new in (("wrong", NEW), (PASSWORD, "12345678"), (PASSWORD, "x" * 129)):
        client.post("/account/password/", {"old_password": old, "new_password": new})
        alice.refresh_from_db()
        assert alice.check_password(PASSWORD)
