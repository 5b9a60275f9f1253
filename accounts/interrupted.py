"""A form that was sent after its session had ended: what was typed is there again after the log-in.

Until the log-in it waits in the log-in page itself, signed, for nothing is stored for strangers; from
the log-in on it waits in the session, for one showing of its form. Nothing is sent again by itself.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import wraps
from typing import TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LoginForm
from accounts.redirects import wanted_page

logger = logging.getLogger(__name__)

# The hidden input of the log-in page, and the place in the session.
NAME = "interrupted"
SALT = "accounts.interrupted"
GOOD_FOR = timedelta(hours=1)
# Characters; a filled order form has less than a tenth. What is longer, nobody has typed.
LONGEST_INPUTS = 8_000
LONGEST_TOKEN = 32_000

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class Interrupted:
    """`address` is where the form is shown, with its query; `inputs` are as they were typed."""

    address: str
    inputs: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.address).path


def login_or_keep(*names: str) -> Callable[[View], View]:
    """As `login_required`; but who posts the form after the session has ended gets the log-in page at
    once, and after the log-in the form again with the inputs called `names`.
    """

    def decorate(view: View) -> View:
        guarded = login_required(view)

        @wraps(view)
        def answer(request: HttpRequest, *arguments: object, **named: object) -> HttpResponse:
            # A part that htmx asked for has no place for another page: site.js follows the redirect.
            plain = request.method == "POST" and not request.headers.get("HX-Request")
            if plain and not request.user.is_authenticated:
                return log_in_first(request, _typed(request, names))
            return guarded(request, *arguments, **named)

        answer.kept_inputs = names  # type: ignore[attr-defined]  # for `of_refused`
        return cast(View, answer)

    return decorate


def log_in_first(request: HttpRequest, interrupted: Interrupted) -> HttpResponse:
    """The log-in page in place of the answer. 403, for 401 would need an HTTP scheme of authentication."""
    context = {"form": LoginForm(), "next": interrupted.address, "ended": True, **hidden(interrupted)}
    response = render(request, "accounts/login.html", context, status=403)
    response["Cache-Control"] = "no-store, private"
    return response


def hidden(interrupted: Interrupted | None) -> dict[str, str]:
    """The hidden input for a template's context; empty when there is nothing to keep."""
    if interrupted is None or not interrupted.inputs:
        return {}
    return {NAME: signing.dumps(asdict(interrupted), salt=SALT, compress=True)}


def brought(request: HttpRequest) -> Interrupted | None:
    """What the posted log-in page has kept for the page that it leads to; None if it is not ours or old."""
    token = request.POST.get(NAME, "")
    if not token or len(token) > LONGEST_TOKEN:
        return None
    try:
        interrupted = Interrupted(**signing.loads(token, salt=SALT, max_age=GOOD_FOR))
    except signing.BadSignature as error:
        logger.info("an interrupted form is not taken: %s", type(error).__name__)
        return None
    return interrupted if interrupted.path == urlsplit(wanted_page(request)).path else None


def of_refused(request: HttpRequest) -> Interrupted | None:
    """What can be kept of a post that was refused before its view was called."""
    names = getattr(request.resolver_match and request.resolver_match.func, "kept_inputs", None)
    return brought(request) if names is None else _typed(request, names)


def keep(request: HttpRequest, interrupted: Interrupted | None) -> None:
    """Put it into the session of a user who has logged in."""
    if interrupted and interrupted.inputs:
        request.session[NAME] = asdict(interrupted)


def waits_at(request: HttpRequest) -> str:
    """The address of the form whose inputs the session keeps, or nothing."""
    return str(request.session.get(NAME, {}).get("address", ""))


def take(request: HttpRequest) -> dict[str, str]:
    """The inputs kept for this page, once; empty when there are none, and for a form that is sent.

    Whoever asks for the form with something else in it wants that, and not what was kept.
    """
    address = waits_at(request)
    if request.method == "POST" or urlsplit(address).path != request.path:
        return {}
    inputs: dict[str, str] = request.session.pop(NAME)["inputs"]
    return inputs if address == request.get_full_path() else {}


def _typed(request: HttpRequest, names: tuple[str, ...]) -> Interrupted:
    inputs = {name: request.POST[name] for name in names if name in request.POST}
    if sum(map(len, inputs.values())) > LONGEST_INPUTS:
        inputs = {}
    return Interrupted(request.get_full_path(), inputs)
