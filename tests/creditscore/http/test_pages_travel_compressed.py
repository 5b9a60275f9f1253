import gzip

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.module_loading import import_string


def test_for_browsers_that_can_read_it(client: Client, catalog: None) -> None:
    plain = client.get(reverse("home"))
    packed = client.get(reverse("home"), headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert b"<h1>" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain


def test_the_size_tells_nothing_of_what_is_inside() -> None:
    """The middleware that the settings name, on one and the same page."""
    [name] = [name for name in settings.MIDDLEWARE if "gzip" in name.lower()]
    packed = import_string(name)(lambda request: HttpResponse(b"the same page " * 100))
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    assert len({len(packed(request).content) for _ in range(50)}) > 5
