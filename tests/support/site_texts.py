"""Texts of the operator, which a process goes by for a while."""

import pytest

from accounts.site_texts import services


@pytest.fixture(autouse=True)
def _no_texts_of_the_site() -> None:
    """As if none had been found a moment ago, so that no page has to look."""
    services.remember((), 3600)
