"""`{% form_draft form %}`: the hidden input that keeps a form's inputs when its session has ended."""

from typing import Any

from django import template
from django.forms import Form
from django.utils.html import format_html

from accounts import form_drafts
from accounts.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def form_draft(context: dict[str, Any], form: Form | None = None, page: str = "") -> str:
    """Return the hidden input for the visible inputs of `form`; without `form` it keeps only the address.

    `page` is the address of the page that shows the form; the default is the current page.
    """
    request = context["request"]
    if not isinstance(request.user, User):
        return ""
    names = form_drafts.input_names(form) if form else []
    token = form_drafts.form_token(request.user, page or request.get_full_path(), names)
    return format_html('<input type="hidden" name="{}" value="{}">', form_drafts.FORM_INPUT, token)
