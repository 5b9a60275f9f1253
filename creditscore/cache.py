"""How the cache stores values: only whole numbers, because Django's own serializer would unpickle others."""


class WholeNumbers:
    """A serializer for Django's Redis cache. Counters and marks are all that the service keeps there."""

    def dumps(self, value: int) -> int:
        """Return what Redis stores. Raises `TypeError` for anything but a whole number."""
        if type(value) is not int:
            raise TypeError(f"the cache holds whole numbers only, not {type(value).__name__}")
        return value

    def loads(self, data: bytes) -> int:
        """Return the stored number. Raises `ValueError` for anything else that somebody has put there."""
        return int(data)
