"""What the checks of the data find: a code with parameters, so that it can be told in any language."""

from predictions.scoring.data_texts import Found, Param, text_of


def found(code: str, **params: Param) -> Found:
    """Return what was found, with rates that are rounded as in the cards."""
    return {"code": code, "params": {name: _rounded(value) for name, value in params.items()}}


def _rounded(value: Param) -> Param:
    return round(value, 6) if isinstance(value, float) else value


class BadData(ValueError):
    """The data cannot be used for training. The message is in English.

    `refusal` is the same for any language, and `found` what was found besides.
    """

    def __init__(self, code: str, **params: Param) -> None:
        self.refusal: Found = {**found(code, **params), "refuses": True}
        self.found: list[Found] = []
        super().__init__(text_of(self.refusal))
