"""`docs/api/decisions.md` has every reason code with its field, and what a notice says of it."""

from django.conf import settings
from django.utils import translation

from predictions.formats.adverse_action import STATEMENTS
from predictions.scoring.reasons import code_of
from predictions.scoring.schema import FIELDS, NumberField
from tests.support.markdown import tables

DOCUMENT = (settings.BASE_DIR / "docs/api/decisions.md").read_text()


def test_every_code_has_its_row_in_both_languages() -> None:
    codes = {code_of(field.name, unknown=False): field.name for field in FIELDS if field.reason_code}
    codes |= {
        field.unknown_code: field.name
        for field in FIELDS
        if isinstance(field, NumberField) and field.nullable
    }
    wanted = []
    for code, field in codes.items():
        texts = ["never", "никогда"]
        if code in STATEMENTS:
            for place, language in enumerate(("en", "ru")):
                with translation.override(language):
                    texts[place] = str(STATEMENTS[code]).replace("\u00a0", " ")
        wanted.append([f"`{code}`", f"`{field}`", *texts])
    assert sorted(tables(DOCUMENT)[1].rows) == sorted(wanted)
