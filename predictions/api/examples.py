"""Examples of bodies in the API schema. A test checks that they are as the schema says."""

from typing import Any

from predictions.scoring.schema import EXAMPLE, SHARE_FIELD

Example = dict[str, Any]

APPLICANT: Example = {**EXAMPLE, SHARE_FIELD: EXAMPLE["loan_amnt"] / EXAMPLE["person_income"]}  # type: ignore[operator]
ORDER: Example = {"model": "catboost", "applicant": EXAMPLE, "label": "Contract 2027/118"}
COMPARISON_ORDER: Example = {"applicant": EXAMPLE, "label": "Contract 2027/118"}
POLICY: Example = {"approve_from": 0.85, "decline_below": 0.6}
LABEL: Example = {"label": "Contract 2027/118"}
PREDICTION: Example = {
    "id": "63dd27b3-fd35-4650-bfc6-f2d0c4a2a8d4",
    "model": "catboost",
    "model_version": "2.0.0",
    "status": "succeeded",
    "label": "Contract 2027/118",
    "applicant": APPLICANT,
    "approval_probability": 0.939295,
    "default_probability": 0.060705,
    "decision": "approve",
    "price": "100.00",
    "currency": "USD",
    "charge": {"entry_id": "1c2b00cc-51fd-4613-9974-8a128b6d489d", "state": "charged"},
    "created_at": "2027-01-31T05:15:23.888045Z",
    "finished_at": "2027-01-31T05:15:23.948520Z",
    "failure": None,
    "warnings": [],
    "outcome": "repaid",
    "observed_on": "2027-12-31",
}
OUTCOME: Example = {"outcome": "repaid", "observed_on": "2027-12-31"}
OUTCOME_FILE: Example = {"file": "@outcomes.csv"}
IMPORTED: Example = {
    "rows": 3,
    "new": 1,
    "changed": 0,
    "unchanged": 1,
    "refused": 1,
    "errors": [
        {
            "line": 4,
            "field": "observed_on",
            "code": "in_future",
            "detail": "This day is in the future. Enter the day on which the outcome was observed.",
        }
    ],
}
COMPARISON: Example = {
    "id": "0d738b9b-cbba-4af4-aaf3-059b03c30682",
    "status": "completed",
    "label": "Contract 2027/118",
    "applicant": APPLICANT,
    "price": "100.00",
    "currency": "USD",
    "discount_percent": 20,
    "created_at": "2027-01-31T05:15:23.888045Z",
    "predictions": [PREDICTION],
}
UPLOAD: Example = {"file": "@applications.csv", "model": "catboost", "reasons": "1"}
BATCH: Example = {
    "id": "b6a4c7e2-51f3-4d0b-9c1e-0f7a2d8e6b35",
    "model": "catboost",
    "model_version": "2.0.0",
    "label": "",
    "file_name": "applications.csv",
    "reasons": True,
    "on_contradiction": "refuse",
    "status": "quoted",
    "rows": 1200,
    "valid_rows": 1180,
    "done_rows": 0,
    "failed_rows": 0,
    "decisions": None,
    "unit_price": "90.00",
    "discount_percent": 10,
    "price": "106200.00",
    "currency": "USD",
    "charge": None,
    "created_at": "2027-01-31T05:15:23.888045Z",
    "expires_at": "2027-02-01T05:15:24.102311Z",
    "finished_at": None,
    "files_deleted_at": None,
    "errors_url": "https://score.example.com/api/v1/batches/b6a4c7e2-51f3-4d0b-9c1e-0f7a2d8e6b35/errors.csv",
    "results_url": None,
    "failure": None,
}
MODEL: Example = {
    "slug": "catboost",
    "name": "CatBoost",
    "description": "Gradient boosting: each tree corrects the previous ones.",
    "price": "100.00",
    "currency": "USD",
    "version": "2.0.0",
    "metrics": {"roc_auc": 0.931706, "gini": 0.863411, "ks": 0.721961, "brier": 0.05486},
}
MODELS: Example = {"next": None, "previous": None, "results": [MODEL]}
EXPLANATION: Example = {
    "base": 0.8,
    "approval_probability": 0.71,
    "contributions": [
        {"field": "loan_grade", "value": "B", "contribution": 0.03},
        {"field": "person_income", "value": 30000, "contribution": -0.12},
    ],
    "reasons": [{"code": "INCOME", "field": "person_income", "text": "The yearly income is 30,000 USD."}],
}
PENDING: Example = {"status": "succeeded"}
CHANGES: Example = {"changes": {"loan_amnt": 5000}}
WHAT_IF: Example = {
    "applicant": {**APPLICANT, "loan_amnt": 5000, SHARE_FIELD: 0.07352941176470588},
    "approval_probability": 0.939318,
    "default_probability": 0.060682,
    "certain": ["person_income", "person_emp_length", "loan_grade", "loan_amnt", "loan_int_rate"],
}
CURVE: Example = {
    "field": "loan_amnt",
    "points": [
        {"value": 500.0, "approval_probability": 0.949346},
        {"value": 9000.0, "approval_probability": 0.939295},
    ],
}
VERIFICATION: Example = {
    "same": True,
    "approval_probability": 0.939295,
    "model_version": "2.0.0",
    "artifact_sha256": "5d6f0b1c9b1e4a0f8b7d7c6e2f3a4b5c6d7e8f901a2b3c4d5e6f708192a3b4c5",
}
LINK_ORDER: Example = {"days": 7, "with_details": False}
LINK: Example = {
    "id": "5c0a9d7e-41b2-8f63-0d1e-9a7b3c2f6e48",
    "with_details": False,
    "created_at": "2027-01-31T05:20:11.402117Z",
    "expires_at": "2027-02-07T05:20:11.401932Z",
}
LINKS: Example = {"next": None, "previous": None, "results": [LINK]}
NEW_LINK: Example = {
    **LINK,
    "url": "https://score.example.com/shared/4Ws0l1dO9m8Vt3xQh7kZrN2pYc6uJfEaBgTiK5nXvPs/",
}
DOCUMENT: Example = {
    "code": "7M2Q-K8ZD-0V4X-H9RT",
    "sha256": "0b7c6e2f3a4b5c6d7e8f901a2b3c4d5e6f708192a3b4c55d6f0b1c9b1e4a0f8b",
    "language": "en",
    "model": "catboost",
    "model_version": "2.0.0",
    "approval_probability": 0.939295,
    "default_probability": 0.060705,
    "finished_at": "2027-01-31T05:15:23.948520Z",
}
