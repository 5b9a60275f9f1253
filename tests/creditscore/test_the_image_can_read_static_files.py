"""The image collects static files as root. Its service runs as another user, who must read them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()


def test_every_user_can_read_them(tmp_path: Path) -> None:
    without_comments = re.sub(r"^ *#.*\n", "", DOCKERFILE, flags=re.M)
    steps = re.search(
        r"(?<=^RUN )SECRET_KEY=.*?manage\.py collectstatic.*?(?=\\\n *&& python -m compileall)",
        without_comments,
        re.S | re.M,
    )
    assert steps
    var = tmp_path / "var"
    subprocess.run(
        ["/bin/sh", "-ec", steps[0].replace("\\\n", " ").rstrip("\\ ")],
        cwd=settings.BASE_DIR,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PRODUCTION": "1",
            "VAR_DIR": str(var),
        },
        umask=0o022,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert (var / "static/staticfiles.json").exists()
    assert list((var / "static").rglob("*.gz"))
    unreadable = [
        path
        for path in (var, *var.rglob("*"))
        if path.stat().st_mode & (0o005 if path.is_dir() else 0o004) != (0o005 if path.is_dir() else 0o004)
    ]
    assert unreadable == []
