"""Keeps the inputs of a form whose session has ended until its user has logged in again.

A form has a signed hidden input that names its owner, its page and its visible inputs. If it is sent
without a session, the response is the login page with the draft in a signed hidden input; the server
stores nothing for anonymous visitors. After the owner has logged in, the session holds the draft, and the
form's page shows it once. Nothing is sent again automatically. See docs/decisions.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import LoginForm
from accounts.models import User
from accounts.requests import next_page

logger = logging.getLogger(__name__)

# The hidden inputs of a form and of the login page, and the key in the session.
FORM_INPUT = "draft_form"
LOGIN_INPUT = SESSION_KEY = "form_draft"
FORM_SALT = "accounts.form_drafts.form"
LOGIN_SALT = "accounts.form_drafts.login"
# The draft on an older login page is dropped.
MAX_AGE = timedelta(hours=1)
# Characters. A completed order form has less than a tenth of this; longer inputs are dropped.
MAX_INPUTS_LENGTH = 8_000
MAX_TOKEN_LENGTH = 32_000


@dataclass(frozen=True)
class FormDraft:
    """`owner` is the user's primary key; `address` is the path and query of the form's page."""

    owner: str
    address: str
    inputs: dict[str, str]

    def belongs_to(self, user: object) -> bool:
        return isinstance(user, User) and str(user.pk) == self.owner


def form_token(user: User, address: str, names: Sequence[str]) -> str:
    """Return the value of a form's hidden input: the signed owner, page, and names of inputs to keep."""
    return signing.dumps([str(user.pk), address, list(names)], salt=FORM_SALT, compress=True)


def input_names(form: Form) -> list[str]:
    """Return the names of the inputs that a customer fills in."""
    return [field.name for field in form.visible_fields()]


def from_form(request: HttpRequest) -> FormDraft | None:
    """Return the draft in a POST of a form; None without a valid token."""
    token = request.POST.get(FORM_INPUT, "")
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    try:
        owner, address, names = signing.loads(token, salt=FORM_SALT)
    except signing.BadSignature as error:
        logger.info("form draft token rejected: %s", type(error).__name__)
        return None
    inputs = {name: request.POST[name] for name in names if name in request.POST}
    if sum(map(len, inputs.values())) > MAX_INPUTS_LENGTH:
        inputs = {}
    return FormDraft(owner, address, inputs)


def from_login_page(request: HttpRequest) -> FormDraft | None:
    """Return the draft in a POST of the login page; None if it is invalid, expired or for another page."""
    token = request.POST.get(LOGIN_INPUT, "")
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    try:
        draft = FormDraft(**signing.loads(token, salt=LOGIN_SALT, max_age=MAX_AGE))
    except signing.BadSignature as error:
        logger.info("login page draft rejected: %s", type(error).__name__)
        return None
    return draft if urlsplit(draft.address).path == urlsplit(next_page(request)).path else None


def login_page(request: HttpRequest, draft: FormDraft) -> HttpResponse:
    """Return the login page with the draft. 403, because 401 would need an HTTP authentication scheme."""
    context = {"form": LoginForm(), "next": draft.address, "ended": True, **login_context(draft)}
    response = render(request, "accounts/login.html", context, status=403)
    response["Cache-Control"] = "no-store, private"
    return response


def login_context(draft: FormDraft | None) -> dict[str, str]:
    """Return the context of the login page's hidden input; {} if there is nothing to keep."""
    if draft is None or not draft.inputs:
        return {}
    return {LOGIN_INPUT: signing.dumps(asdict(draft), salt=LOGIN_SALT, compress=True)}


def store(request: HttpRequest, draft: FormDraft | None) -> bool:
    """Store the draft in the session; return False if it is empty or another user's."""
    if draft is None or not draft.inputs or not draft.belongs_to(request.user):
        return False
    request.session[SESSION_KEY] = asdict(draft)
    return True


def stored_address(request: HttpRequest) -> str:
    """Return the address of the page whose draft is in the session, or ""."""
    return str(request.session.get(SESSION_KEY, {}).get("address", ""))


def pop(request: HttpRequest) -> dict[str, str]:
    """Remove this page's draft from the session and return its inputs; {} without one or for a POST.

    A draft stored under another query is dropped: the new query asks for other values.
    """
    address = stored_address(request)
    if request.method == "POST" or urlsplit(address).path != request.path:
        return {}
    inputs: dict[str, str] = request.session.pop(SESSION_KEY)["inputs"]
    return inputs if address == request.get_full_path() else {}
