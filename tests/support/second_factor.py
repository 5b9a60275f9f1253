"""An app for one-time codes."""

import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.second_factor import services


def app_code(user: User, step: int = 0) -> str:
    """The code that the user's app shows now, or `step` times 30 s later. Those of -1 to 1 are taken."""
    device = TOTPDevice.objects.filter(user=user).order_by("-confirmed").get()
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + step * device.step
    return f"{totp.token():06}"


def turn_on(user: User) -> list[str]:
    """Set the second factor up with the code before the present one; return the recovery codes."""
    services.begin(user)
    return services.confirm(user, app_code(user, -1))
