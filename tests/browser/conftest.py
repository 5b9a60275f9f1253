"""A real browser and the real service, with its own server, database, broker and, if jobs run, worker."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.sessions.store import SessionStore
from tests.support.browser.visitor import HEIGHT, LOCALES, PATIENCE_MS, Look, Visit, Visitor

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The path of the browser. Where `CHROMIUM` promises one, it must be there."""
    promised = os.environ.get("CHROMIUM")
    if promised:
        assert os.access(promised, os.X_OK), f"CHROMIUM names no program: {promised}"
        return promised
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no browser: apt-get install chromium, or name one in the variable CHROMIUM")
    return found


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop open in the tests' thread, where Django then refuses to use the
        # database. Nothing runs in that loop while a test does, so there is nothing to guard against.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MS)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
            yield browser
            browser.close()
            # These connections belong to that event loop, so only it can close them.
            connections.close_all()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, catalog: None) -> Iterator[Visit]:
    """`visit(Look("ru", 360), alice)`: a user, signed in or not, in a separate browser window.

    Fails at the end if there was an error in the console, or a request to another host.
    """
    visitors: list[Visitor] = []

    def come(look: Look | None = None, user: User | None = None) -> Visitor:
        look = look or Look()
        context = browser.new_context(
            locale=LOCALES[look.language],
            viewport={"width": look.width, "height": HEIGHT},
            java_script_enabled=look.javascript,
            is_mobile=look.phone,
            has_touch=look.phone,
            color_scheme="dark" if look.dark else "light",
            reduced_motion="reduce" if look.still else "no-preference",
        )
        visitor = Visitor(context, live_server.url, look)
        visitors.append(visitor)
        if user:
            cookie = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": cookie, "value": session_of(user), "url": live_server.url}])
        return visitor

    yield come
    for visitor in visitors:
        visitor.leave()


def session_of(user: User) -> str:
    """The key of a new session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key
    return session.session_key
