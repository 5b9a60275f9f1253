"""Keeps what a user typed into a form whose session has ended, until that user has logged in again.

A form carries a signed hidden input that names its owner, its page and its visible inputs. When it is sent
without a session, the answer is the login page, which carries the draft, signed; nothing is stored for
anonymous visitors. After the owner has logged in, the draft is in the session, for one display of the page.
Nothing is sent again automatically. See docs/decisions.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LoginForm
from accounts.models import User
from accounts.requests import wanted_page

logger = logging.getLogger(__name__)

# The hidden input of a form, that of the login page, and the key in the session.
FORM_INPUT = "draft_form"
LOGIN_INPUT = SESSION_KEY = "form_draft"
FORM_SALT = "accounts.form_drafts.form"
LOGIN_SALT = "accounts.form_drafts.login"
# A login page that is older carries nothing any more.
MAX_AGE = timedelta(hours=1)
# Characters. A filled order form has less than a tenth of this; longer inputs were not typed.
MAX_INPUTS_LENGTH = 8_000
MAX_TOKEN_LENGTH = 32_000


@dataclass(frozen=True)
class FormDraft:
    """`owner` is the key of the user who typed; `address` is the page of the form, with its query."""

    owner: str
    address: str
    inputs: dict[str, str]

    def belongs_to(self, user: object) -> bool:
        return isinstance(user, User) and str(user.pk) == self.owner


def form_token(user: User, address: str, names: Sequence[str]) -> str:
    """What a form's hidden input holds: its owner, its page, the names of the inputs to keep."""
    return signing.dumps([str(user.pk), address, list(names)], salt=FORM_SALT, compress=True)


def submitted(request: HttpRequest) -> FormDraft | None:
    """The draft in a POST of one of our forms; None for any other request."""
    token = request.POST.get(FORM_INPUT, "")
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    try:
        owner, address, names = signing.loads(token, salt=FORM_SALT)
    except signing.BadSignature as error:
        logger.info("a form's draft token is not accepted: %s", type(error).__name__)
        return None
    inputs = {name: request.POST[name] for name in names if name in request.POST}
    if sum(map(len, inputs.values())) > MAX_INPUTS_LENGTH:
        inputs = {}
    return FormDraft(owner, address, inputs)


def carried(request: HttpRequest) -> FormDraft | None:
    """The draft in a POST of the login page; None if it is invalid, expired or for another page."""
    token = request.POST.get(LOGIN_INPUT, "")
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    try:
        draft = FormDraft(**signing.loads(token, salt=LOGIN_SALT, max_age=MAX_AGE))
    except signing.BadSignature as error:
        logger.info("a login page's draft is not accepted: %s", type(error).__name__)
        return None
    return draft if urlsplit(draft.address).path == urlsplit(wanted_page(request)).path else None


def login_page(request: HttpRequest, draft: FormDraft) -> HttpResponse:
    """The login page in place of the answer. 403, because 401 would need an HTTP authentication scheme."""
    context = {"form": LoginForm(), "next": draft.address, "ended": True, **login_context(draft)}
    response = render(request, "accounts/login.html", context, status=403)
    response["Cache-Control"] = "no-store, private"
    return response


def login_context(draft: FormDraft | None) -> dict[str, str]:
    """The login page's hidden input for a template's context; empty when there is nothing to keep."""
    if draft is None or not draft.inputs:
        return {}
    return {LOGIN_INPUT: signing.dumps(asdict(draft), salt=LOGIN_SALT, compress=True)}


def store(request: HttpRequest, draft: FormDraft | None) -> bool:
    """Put a draft of the logged-in user into the session; False if it is somebody else's or empty."""
    if draft is None or not draft.inputs or not draft.belongs_to(request.user):
        return False
    request.session[SESSION_KEY] = asdict(draft)
    return True


def stored_address(request: HttpRequest) -> str:
    """The page that the draft in the session belongs to, or ""."""
    return str(request.session.get(SESSION_KEY, {}).get("address", ""))


def take(request: HttpRequest) -> dict[str, str]:
    """The inputs stored for this page, once; empty without any, and when the form is sent.

    Who opens the page with another query wants what that asks for, not the draft.
    """
    address = stored_address(request)
    if request.method == "POST" or urlsplit(address).path != request.path:
        return {}
    inputs: dict[str, str] = request.session.pop(SESSION_KEY)["inputs"]
    return inputs if address == request.get_full_path() else {}
