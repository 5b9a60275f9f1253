"""Whoever can write to Redis cannot make the service run code by it: nothing is unpickled."""

import pickle

import pytest
from django.core.cache import cache


class Code:
    """Would run when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('unpickled')",)


def test_numbers_are_kept() -> None:
    cache.set("number", 7)
    assert cache.get("number") == 7
    assert cache.incr("number") == 8


def test_other_values_are_refused() -> None:
    for value in ("7", 7.0, True, None, [7], {"a": 7}, Code()):
        with pytest.raises(TypeError, match="whole numbers only"):
            cache.set("value", value)


def test_what_somebody_else_has_put_there_is_not_unpickled() -> None:
    client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]  # as another program would
    client.set(cache.make_key("value"), pickle.dumps(Code()))
    with pytest.raises(ValueError, match="invalid literal"):
        cache.get("value")
