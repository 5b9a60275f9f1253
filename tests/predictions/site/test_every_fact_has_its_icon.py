import re

from django.conf import settings
from django.test import Client
from django.urls import reverse

from predictions.scoring.schema import FIELDS

SPRITE = (settings.BASE_DIR / "static/img/facts.svg").read_text()


def test_in_the_file_that_pages_point_to(alices: Client) -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', SPRITE))
    assert {field.name for field in FIELDS} <= drawn
    page = alices.get(reverse("predictions:new"), follow=True).content.decode()
    assert set(re.findall(r'facts\.svg#(\w+)"', page)) == {field.name for field in FIELDS}
