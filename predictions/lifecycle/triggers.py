"""Database triggers that keep the history of sales: a period loses its mark as the last one, and no more.

A migration that rebuilds the table on SQLite drops them and must install them again. `check_ledger` reports
missing ones.
"""

from accounts.triggers import Guard

PERIODS = Guard(
    "predictions_saleperiod",
    "periods on sale are history",
    frozen=(
        "id", "model_id", "number", "version", "artifact_sha256", "since", "changed_by_id", "reason",
    ),
    once="current_of_id",
)  # fmt: skip
