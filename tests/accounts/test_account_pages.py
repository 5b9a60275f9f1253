import pytest
from django.test import Client
from django.urls import reverse

from accounts.attempts.limits import OF_CLIENT
from accounts.models import User
from tests.support.clock import Forward
from tests.support.html import Page
from tests.support.people import PASSWORD

LOGIN, REGISTER, PASSWORD_PAGE = (
    reverse("accounts:login"),
    reverse("accounts:register"),
    reverse("accounts:password"),
)
GOOD = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-42"}


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/wallet/transactions/?kind=refund", "/wallet/transactions/?kind=refund"),
        ("https://example.org/", "/dashboard/"),
        ("//example.org/", "/dashboard/"),
        ("javascript:alert(1)", "/dashboard/"),
        ("", "/dashboard/"),
    ],
)
def test_log_in_leads_where_one_wanted_to_go_on_this_host(
    client: Client, alice: User, wanted: str, leads_to: str
) -> None:
    shown = Page(client.get(LOGIN, {"next": wanted}))
    kept = [field.attributes["value"] for field in shown.all("input", name="next")][-1]
    answer = client.post(LOGIN, {"username": "ALICE", "password": PASSWORD, "next": kept})
    assert answer.status_code == 302
    assert answer["Location"] == leads_to


def test_a_wrong_password_is_told_without_saying_which_part(client: Client, alice: User) -> None:
    answers = [client.post(LOGIN, {"username": name, "password": "wrong"}) for name in ("alice", "nobody")]
    assert [answer.status_code for answer in answers] == [422, 422]
    summaries = {Page(answer).all("div", role="alert")[0].words for answer in answers}
    assert len(summaries) == 1


def test_too_many_wrong_ones_wait_and_are_told_how_long(
    client: Client, alice: User, forward: Forward
) -> None:
    for _ in range(OF_CLIENT.size):
        assert client.post(LOGIN, {"username": "alice", "password": "wrong"}).status_code == 422
    answer = client.post(LOGIN, {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    told = Page(answer).all("div", role="alert")[0].words
    assert "Try again in 1 second." in told


def test_sign_up_signs_in(client: Client, catalog: None) -> None:
    answer = client.post(REGISTER, GOOD, follow=True)
    assert answer.status_code == 200
    assert "Welcome, carol." in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "has spaces"),
        ("username", "Alice"),
        ("username", "\x00"),
        ("email", "nonsense"),
        ("password", "123"),
        ("password", "password"),
        ("password", "x" * 200),
    ],
)
def test_a_bad_sign_up_names_the_field(client: Client, alice: User, field: str, value: str) -> None:
    answer = client.post(REGISTER, GOOD | {field: value})
    assert answer.status_code == 422
    assert Page(answer).by_id(f"id_{field}_error").words
    assert User.objects.count() == 1


def test_all_that_is_wrong_with_a_sign_up_is_told_at_once(client: Client, alice: User) -> None:
    wrong = {"username": "a b!<script>", "email": "nonsense", "password": "123"}
    for sent in (wrong, wrong | {"email": "carol@example.org"}, wrong | {"username": "Alice"}):
        page = Page(client.post(REGISTER, sent))
        told = {name for name in sent if page.all("p", id=f"id_{name}_error")}
        assert told == {name for name in wrong if sent[name] != "carol@example.org"}
    assert User.objects.count() == 1


def test_a_one_time_password_is_changed_first(client: Client, alice: User, catalog: None) -> None:
    User.objects.update(must_change_password=True)
    client.force_login(alice)
    first = client.get(reverse("predictions:dashboard"))["Location"]
    assert first.partition("?")[0] == PASSWORD_PAGE
    assert "one-time password" in client.get(PASSWORD_PAGE).content.decode()
    sent = {"old_password": PASSWORD, "new_password": "kettle-ocean-42"}
    client.post(PASSWORD_PAGE, sent)
    assert "one-time password" not in client.get(PASSWORD_PAGE).content.decode()
    assert client.get(reverse("predictions:dashboard")).status_code == 200


def test_a_wrong_present_password_changes_nothing(alices: Client, alice: User) -> None:
    answer = alices.post(PASSWORD_PAGE, {"old_password": "wrong", "new_password": "kettle-ocean-42"})
    assert answer.status_code == 422
    assert Page(answer).by_id("id_old_password_error").words
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_logging_out_takes_a_post(alices: Client) -> None:
    out = reverse("accounts:logout")
    assert alices.get(out).status_code == 405
    assert alices.post(out)["Location"] == reverse("home")
    assert alices.get(reverse("predictions:dashboard")).status_code == 302


def test_a_password_can_be_looked_at_before_it_is_sent(client: Client, alices: Client) -> None:
    for browser, address in ((Client(), LOGIN), (Client(), REGISTER), (alices, PASSWORD_PAGE)):
        page = Page(browser.get(address))
        for field in page.all("input", type="password"):
            (button,) = page.all("button", data_reveal=field.attributes["id"])
            assert button.attributes["type"] == "button"
            assert "hidden" in button.attributes, "it needs JavaScript, which shows it"
            assert button.words.startswith("Show")


def test_rules_are_told_while_a_password_is_chosen(client: Client, alices: Client) -> None:
    for browser, address, name in ((Client(), REGISTER, "password"), (alices, PASSWORD_PAGE, "new_password")):
        page = Page(browser.get(address))
        (field,) = page.all("input", name=name)
        told = [page.by_id(part).words for part in field.attributes["aria-describedby"].split()]
        assert any("At least 8 characters" in words for words in told)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (LOGIN, {"username": "Somebody", "password": "wrong"}),
        (REGISTER, {"username": "Some body", "email": "nonsense", "password": "123"}),
        (reverse("accounts:reset"), {"email": "nonsense"}),
        (reverse("billing:top-up"), {"amount": "-1x"}),
    ],
)
def test_a_form_with_errors_keeps_all_but_passwords_and_takes_the_focus(
    alices: Client, address: str, sent: dict[str, str]
) -> None:
    browser = alices if address == reverse("billing:top-up") else Client()
    page = Page(browser.post(address, sent))
    (summary,) = page.all("div", role="alert")
    assert {"data-focus", "autofocus", "tabindex"} <= set(summary.attributes)
    for name, value in sent.items():
        assert page.value_of(name) == ("" if name == "password" else value)
        if page.all("p", id=f"id_{name}_error"):
            assert f"#id_{name}" in page.links
            assert page.by_id(f"id_{name}").attributes["aria-invalid"] == "true"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (PASSWORD_PAGE, {"old_password": PASSWORD, "new_password": "123"}),
        (PASSWORD_PAGE, {"old_password": "wrong", "new_password": "kettle-ocean-42"}),
    ],
)
def test_a_refused_password_change_says_which_field_and_shows_no_password(
    alices: Client, address: str, sent: dict[str, str]
) -> None:
    answer = alices.post(address, sent)
    page = Page(answer)
    assert "autofocus" in page.all("div", role="alert")[0].attributes
    assert any(link in page.links for link in ("#id_old_password", "#id_new_password"))
    for secret in sent.values():
        assert f'value="{secret}"' not in answer.content.decode()
