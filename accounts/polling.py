"""Pages that ask for news by themselves: less and less often, and not forever."""

import time
from dataclasses import dataclass

from django.http import HttpRequest

# For so long a page asks by itself. Then it says so, with a link that asks again.
MAX_SECONDS = 600
# It waits for a fifth of the time that it has waited already, at most for so many seconds.
SHARE = 5
MAX_PAUSE = 32
# For what takes long, and for whole pages.
SLOW_PAUSE = 5


@dataclass(frozen=True)
class Polling:
    """Since when a page has been asking, in seconds of the epoch, and how long it has asked by now."""

    since: int
    elapsed: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Polling":
        """Return that of a page with ``since`` in its query; without one it begins now."""
        now, text = int(time.time()), request.GET.get("since", "")
        given = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else now
        since = min(given, now)
        return cls(since, now - since)

    @classmethod
    def begin(cls) -> "Polling":
        return cls(int(time.time()), 0)

    @property
    def pause(self) -> int:
        """The seconds until it asks again, a power of two so that it seldom changes; 0 if it does not."""
        if self.elapsed > MAX_SECONDS:
            return 0
        return min(MAX_PAUSE, 1 << max(0, (self.elapsed // SHARE).bit_length() - 1))

    @property
    def slow_pause(self) -> int:
        """As `pause`, and never shorter than `SLOW_PAUSE`."""
        return max(SLOW_PAUSE, self.pause) if self.pause else 0
