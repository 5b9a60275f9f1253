"""The parameters of an operation and the members of a body, as lists to read."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from creditscore.reference.markup import marked

Schema = dict[str, Any]
# How deep objects are unfolded: a list of comparisons has predictions, which have a charge.
MAX_DEPTH = 3


@dataclass(frozen=True)
class Member:
    """`name` has the names of the objects around it, such as `charge.state`."""

    name: str
    kind: str
    text: str
    required: bool = False
    choices: tuple[str, ...] = ()
    bounds: str = ""

    @property
    def html(self) -> SafeString:
        return marked(self.text)


def parameter(schema: Schema, described: Schema) -> Member:
    """Return a parameter or a header of the schema."""
    value = _plain(schema, described.get("schema", {}))
    return Member(
        name=described["name"],
        kind=_kind(schema, value),
        text=described.get("description", ""),
        required=described.get("required", False),
        choices=_choices(value),
        bounds=_bounds(value),
    )


def members_of(whole: Schema, described: Schema, prefix: str = "", depth: int = MAX_DEPTH) -> list[Member]:
    """Return the members of an object, of the objects in it, and of the objects in its lists."""
    value = _plain(whole, described)
    if value.get("type") == "array":
        return members_of(whole, value["items"], f"{prefix.removesuffix('.')}[].", depth)
    found: list[Member] = []
    for name, inner in value.get("properties", {}).items():
        plain = _plain(whole, inner)
        found.append(
            Member(
                name=f"{prefix}{name}",
                kind=_kind(whole, plain),
                text=plain.get("description", ""),
                required=name in value.get("required", ()),
                choices=_choices(plain),
                bounds=_bounds(plain),
            )
        )
        if depth and (plain.get("properties") or plain.get("type") == "array"):
            found += members_of(whole, plain, f"{prefix}{name}.", depth - 1)
    return found


def _plain(whole: Schema, value: Schema) -> Schema:
    """Return a schema without references and alternatives, with the description next to them."""
    parts = [value, *value.get("allOf", ()), *value.get("oneOf", ())]
    merged: Schema = {}
    for part in reversed(parts):
        if "$ref" in part:
            part = {**_plain(whole, whole["components"]["schemas"][part["$ref"].rpartition("/")[2]]), **part}
        merged |= {name: one for name, one in part.items() if name not in ("$ref", "allOf", "oneOf")}
    return merged


def _kind(whole: Schema, value: Schema) -> str:
    names = {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "object": _("object"),
        "array": _("list"),
    }
    kind = names.get(str(value.get("type")), _("any value"))
    formats = {"uuid": "UUID", "date-time": "RFC 3339", "uri": "URL", "email": _("email")}
    if exact := formats.get(str(value.get("format"))):
        kind = f"{kind}, {exact}"
    return f"{kind}, null" if value.get("nullable") else kind


def _choices(value: Schema) -> tuple[str, ...]:
    return tuple(str(choice) for choice in value.get("enum", ()) if choice not in ("", None))


def _bounds(value: Schema) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is not None and high is not None:
        return _("from %(low)s to %(high)s") % {"low": low, "high": high}
    if (longest := value.get("maxLength")) is not None:
        return _("up to %(longest)s characters") % {"longest": longest}
    return _("at least %(low)s") % {"low": low} if low is not None else ""
