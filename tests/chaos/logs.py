"""What the web role wrote about unexpected errors."""

import re
from collections.abc import Iterator
from pathlib import Path

# One line of the log begins a message; the lines of its traceback are indented, by more inside of it.
ERROR = re.compile(r"^\S+ \S+ ERROR django\.request: (Internal Server Error.*)$")
EXCEPTION = re.compile(r"^  ((?:\w+\.)*[A-Z]\w*[a-z]\w*(?::.*)?)$")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def unexpected_errors(log: Path) -> Iterator[str]:
    """Yield a line for each request that ended with an unexpected error: what it was, and its exception."""
    message, exception = "", ""
    for line in [*log.read_text(errors="replace").splitlines(), "the end"]:
        if line.startswith("  "):
            # The last one is that which nobody has caught.
            if found := EXCEPTION.match(line):
                exception = found[1]
            continue
        if message:
            yield f"{message}: {exception}"
        found = ERROR.match(line)
        message, exception = (without_ids(found[1]), "") if found else ("", "")


def without_ids(text: str) -> str:
    return IDS.sub("…", text)
