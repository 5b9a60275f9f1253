"""The secret of an app as a picture, and as text."""

from base64 import b32encode
from dataclasses import dataclass

import segno
from django_otp.plugins.otp_totp.models import TOTPDevice

# Light modules around the code, which cameras need.
BORDER = 4


@dataclass(frozen=True)
class Picture:
    """A QR code: `path` draws the dark modules of an SVG that is `size` wide and high."""

    size: int
    path: str


def picture(device: TOTPDevice) -> Picture:
    code = segno.make(device.config_url, error="m", micro=False)
    rows = list(code.matrix_iter(border=BORDER))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return Picture(len(rows), "".join(dark))


def secret(device: TOTPDevice) -> str:
    """Return the secret in groups of four, for apps without a camera."""
    text = b32encode(device.bin_key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
