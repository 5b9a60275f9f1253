"""Earlier versions explained every result. After `migrate`, what is missing is made when it is asked for."""

import pytest

from predictions import tasks
from predictions.results import explanations
from predictions.results.explanations import Explainer
from tests.support.database import earlier_schema
from tests.support.messages import waiting_messages
from tests.support.orders import ResultFor


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_stays_and_nothing_is_requested(result: ResultFor) -> None:
    explained, other = (result("logistic-regression", person_age=age) for age in (30, 40))
    explanations.explain_and_store([explained])
    explained.refresh_from_db()
    before = explained.explanation
    with earlier_schema("predictions", "0005_what_if_used"):
        pass
    assert tasks.monitor()["to_explain"] == 0
    assert not Explainer().explain_requested()
    assert waiting_messages("explanations") == []
    for prediction in (explained, other):
        prediction.refresh_from_db()
    assert (explained.explanation, other.explanation) == (before, None)
    assert before
    assert explanations.request(other)
    Explainer().explain_requested()
    other.refresh_from_db()
    assert other.explanation
