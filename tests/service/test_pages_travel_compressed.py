import gzip

from django.test import Client
from django.urls import reverse


def test_for_browsers_that_can_read_it(client: Client, catalog: None) -> None:
    plain = client.get(reverse("home"))
    packed = client.get(reverse("home"), headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert b"<h1>" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain


def test_the_size_of_a_page_tells_nothing(client: Client, catalog: None) -> None:
    sizes = {len(client.get(reverse("home"), headers={"Accept-Encoding": "gzip"}).content) for _ in range(20)}
    assert len(sizes) > 5
