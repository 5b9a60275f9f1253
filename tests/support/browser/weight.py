"""The compressed size of a page with everything that its first visit loads."""

import gzip

from tests.support.browser.visitor import Visitor

LOADED = "performance.getEntriesByType('resource').map(one => one.name)"


class Scales:
    """Each file is fetched and compressed once."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def weigh(self, visitor: Visitor) -> int:
        """Bytes of the page that is open and of all that it has loaded, from a cache too."""
        page = visitor.page
        files: list[str] = page.evaluate(LOADED)
        assert len(files) >= 2, f"{page.url}: a page, its style and its script"
        return self._size(visitor, page.url) + sum(self._size(visitor, file) for file in set(files))

    def _size(self, visitor: Visitor, url: str) -> int:
        if url not in self.known:
            self.known[url] = len(gzip.compress(visitor.context.request.get(url).body()))
        return self.known[url]
