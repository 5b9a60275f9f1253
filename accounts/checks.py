"""What an operator is told by `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def operators_need_a_second_factor(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.OPERATOR_SECOND_FACTOR or not settings.PRODUCTION:
        return []
    text = "OPERATOR_SECOND_FACTOR=0 lets operators into the admin with a password alone."
    return [checks.Warning(text, hint="Remove it from the environment.", id="accounts.W001")]
