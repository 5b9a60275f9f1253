"""The form in which passwords are hashed and measured."""

import unicodedata

from django.core.validators import MaxLengthValidator

# bcrypt gets a SHA-256 hash of the password, so longer passwords would not be more secure.
MAX_LENGTH = 128
# A letter with its accents can be typed as four characters.
MAX_TYPED = 4 * MAX_LENGTH


def normalized(password: str) -> str:
    """Return the form in which passwords are hashed and measured.

    Systems type the same letter in different ways: "й" is one character or two. NFKC, which NIST SP 800-63B
    names, also joins full-width letters and the non-breaking space of some keyboards.
    """
    return unicodedata.normalize("NFKC", password)


def hashes_needed(password: str) -> int:
    """Return how many hashes a wrong `password` costs."""
    return 1 if password == normalized(password) else 2


class PasswordLength(MaxLengthValidator):
    """Measures a password as it is hashed, so that it may be typed in any form."""

    def __init__(self) -> None:
        super().__init__(MAX_LENGTH)

    def clean(self, password: str) -> int:  # type: ignore[override]  # Django's annotation misses `clean`
        return len(normalized(password))
