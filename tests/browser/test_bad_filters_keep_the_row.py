"""An error below one filter moves no other."""

import pytest

from accounts.models import User
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_dates_stay_beside_each_other(visit: Visit, alice: User, width: int) -> None:
    customer = visit(Look(width=width), alice)
    customer.open("/predictions/?since=2026-01-02&until=nonsense")
    customer.see("#id_until_error")
    boxes = [customer.page.locator(f"#id_{name}").bounding_box() for name in ("since", "until")]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == 2
    assert tops[0] == tops[1]


def test_the_button_stays_beside_the_search(visit: Visit, alice: User) -> None:
    customer = visit(Look(), alice)
    customer.open(f"/predictions/?label={'x' * 300}")
    customer.see("#id_label_error")
    boxes = [customer.page.locator(one).bounding_box() for one in ("#id_label", ".finder > .button")]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == 2
    assert abs(tops[0] - tops[1]) <= 1
