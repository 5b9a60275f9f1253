from django.test import RequestFactory

from accounts.polling import MAX_PAUSE, MAX_SECONDS, SLOW_PAUSE, Polling


def pauses() -> list[int]:
    """Those of a page that begins at 0, one after the other."""
    asked, found = 0, []
    while pause := Polling(0, asked).pause:
        found.append(pause)
        asked += pause
    return found


def test_the_pauses_grow_and_end() -> None:
    found = pauses()
    assert found == sorted(found)
    assert (found[0], found[-1]) == (1, MAX_PAUSE)
    assert sum(found) > MAX_SECONDS
    assert len(found) < 50
    # Few of them change, since a change is read out again.
    assert set(found) == {1, 2, 4, 8, 16, 32}


def test_slow_ones_end_at_the_same_time() -> None:
    assert Polling(0, 0).slow_pause == SLOW_PAUSE
    assert Polling(0, 300).slow_pause == Polling(0, 300).pause
    assert Polling(0, MAX_SECONDS + 1).slow_pause == 0


def test_a_page_that_does_not_say_since_when_begins_now() -> None:
    for nonsense in ("", "x", "-1", "9" * 5000, "9" * 11, "\x00", "²"):
        assert Polling.of(RequestFactory().get("/", {"since": nonsense})).elapsed == 0
    assert Polling.of(RequestFactory().get("/", {"since": "1"})).pause == 0
