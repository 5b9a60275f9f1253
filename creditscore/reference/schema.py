"""The API schema, made once for each language."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

Schema = dict[str, Any]


class SchemaView(SpectacularAPIView):
    """The schema in the language of `?lang=`, otherwise in the reader's."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        language = language_of(request.GET.get("lang", ""))
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        return Response(
            schema_in(language),
            headers={"Content-Disposition": f'inline; filename="{name}"', "Content-Language": language},
        )


def language_of(wanted: str) -> str:
    """Return the language that is wanted, or that of the request if there is no such language."""
    known = dict(settings.LANGUAGES)
    found = wanted if wanted in known else translation.get_language() or ""
    return found if found in known else settings.LANGUAGE_CODE


@cache
def schema_in(language: str) -> Schema:
    """Return the schema in one of the languages. It does not change while the process runs."""
    with translation.override(language):
        schema: Schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema
