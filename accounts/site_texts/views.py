from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.site_texts.services import text_of


@require_safe
def text_view(request: HttpRequest, kind: str) -> HttpResponse:
    """The operator's text; 404 while there is none."""
    text = text_of(kind)
    if text is None:
        raise Http404
    return render(request, "accounts/site_text.html", {"text": text})
