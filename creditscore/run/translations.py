"""Compiles the translations without gettext's programs: ``python -m creditscore.run.translations [--check]``.

The compiled files are committed, so the running service does not need this module or polib.
"""

import sys
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parents[2] / "locale"


def main() -> None:
    check = "--check" in sys.argv
    outdated = []
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        content = polib.pofile(str(source)).to_binary()
        if not compiled.exists() or compiled.read_bytes() != content:
            outdated.append(compiled.relative_to(LOCALE.parent))
            if not check:
                compiled.write_bytes(content)
    if check and outdated:
        sys.exit(f"{', '.join(map(str, outdated))}: differs from the compiled .po file. Run: make messages")


if __name__ == "__main__":
    main()
