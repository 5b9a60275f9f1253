"""Every route of the API with its methods, read from the URL configuration."""

from dataclasses import dataclass

from django.urls import URLPattern, reverse
from django.views import View

from creditscore.api_urls import urlpatterns

SLUG = "logistic-regression"
# Of no document.
CODE = "0000-0000-0000-0000"


@dataclass(frozen=True)
class Route:
    """`keys`: what the path has, such as the primary key of a prediction, a comparison or a webhook."""

    name: str
    method: str
    keys: tuple[str, ...]

    def path(self, pk: object = None, delivery: object = None) -> str:
        """`delivery` is one of the webhook `pk`; without it, `pk` stands for both."""
        known = {"pk": pk, "slug": SLUG, "delivery": delivery or pk, "link": pk, "code": CODE}
        return reverse(f"api:{self.name}", kwargs={key: known[key] for key in self.keys})

    @property
    def is_comparison(self) -> bool:
        return self.name.startswith("comparison")

    @property
    def is_webhook(self) -> bool:
        return self.name.startswith("webhook")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def routes() -> list[Route]:
    """Every route except the schema, which anyone may read and which takes what its library takes."""
    return [
        Route(str(pattern.name), method.upper(), _keys(pattern))
        for pattern in urlpatterns
        if pattern.name != "schema"
        for method in View.http_method_names
        if method not in ("options", "head", "trace") and hasattr(_view(pattern), method)
    ]


def _view(pattern: URLPattern) -> type[View]:
    view: type[View] = pattern.callback.view_class  # type: ignore[attr-defined]  # set by `as_view`
    return view


def _keys(pattern: URLPattern) -> tuple[str, ...]:
    return tuple(pattern.pattern.converters)
