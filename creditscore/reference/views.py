"""The pages at /docs/: every call of the API, the first prediction, the errors, the guides."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creditscore.reference import guides
from creditscore.reference.operation_pages import reference_in
from creditscore.reference.problem_kinds import all_kinds
from creditscore.reference.schema import language_of

API_ROOT = "/api/v1/"
# The guide to the calls of a group.
GUIDES = {"api-keys": "keys", "batches": "files", "webhooks": "webhooks", "decision-policy": "decisions"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show every call in one list."""
    context = {"reference": reference_in(language_of("")), "api_root": _root(request) + API_ROOT}
    return render(request, "reference/index.html", context)


@require_safe
def group(request: HttpRequest, name: str) -> HttpResponse:
    """Show the calls of a group in full. Raises `Http404`."""
    reference = reference_in(language_of(""))
    shown = next((one for one in reference.groups if one.name == name), None)
    if shown is None:
        raise Http404
    context = {"reference": reference, "group": shown, "guide": GUIDES.get(name), "root": _root(request)}
    return render(request, "reference/group.html", context)


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """Show every problem with its status, code and text."""
    context = {"kinds": list(all_kinds()), "reference": reference_in(language_of(""))}
    return render(request, "reference/errors.html", context)


@require_safe
def quickstart(request: HttpRequest) -> HttpResponse:
    """Show how the first prediction is ordered."""
    context = {"api_root": _root(request) + API_ROOT.removesuffix("/")}
    return render(request, "reference/quickstart.html", context)


@require_safe
def guide(request: HttpRequest, guide: str) -> HttpResponse:
    """Show a guide of docs/api. Raises `Http404`."""
    if guide not in guides.NAMES:
        raise Http404
    return render(request, "reference/guide.html", {"guide": guides.guide(guide)})


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").removesuffix("/")
