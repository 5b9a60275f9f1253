"""Database triggers that keep histories: what was on sale, and what decision policies were.

A migration that rebuilds a table on SQLite drops them and must install them again. `check_ledger` reports
missing ones.
"""

from accounts.triggers import Guard

# A period loses its mark as the last one, and no more.
PERIODS = Guard(
    "predictions_saleperiod",
    "periods on sale are history",
    frozen=(
        "id", "model_id", "number", "version", "artifact_sha256", "since", "changed_by_id", "reason",
    ),
    once="current_of_id",
)  # fmt: skip
POLICY_CHANGES = Guard("predictions_policychange", "changes of policies are history")
HISTORIES = {PERIODS: "the history of sales", POLICY_CHANGES: "the history of decision policies"}
