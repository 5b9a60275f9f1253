import pytest

from accounts.models import User
from predictions.results.decisions import save_policy
from predictions.site.forms.results import LoanReductionForm
from predictions.site.result_context import result_context
from tests.support.orders import Bought


@pytest.mark.parametrize(
    ("probability", "approve_from", "goal"),
    [
        (0.02, None, 50),
        (0.02, 0.8, 80),
        (0.02, 0.805, 81),
        (0.6, None, 65),
        (0.6, 0.57, 65),
        (0.85, 0.8, 90),
        (0.998, 1.0, 99),
        (0.999, None, 99),
    ],
)
def test_it_is_what_is_needed_next(probability: float, approve_from: float | None, goal: int) -> None:
    assert LoanReductionForm.first_goal(probability, approve_from) == goal


def test_the_page_has_it_by_the_customers_policy(alice: User, bought: Bought) -> None:
    save_policy(alice, approve_from=0.99, decline_below=0.2)
    prediction = bought(loan_grade="D")
    assert result_context(prediction)["loan_reduction"]["form"].initial["goal"] == 99
