"""Database triggers that reject changes and deletion of ledger entries.

A migration that rebuilds the table on SQLite drops them and must call `install_triggers` again.
`check_ledger` reports missing triggers.
"""

from accounts.triggers import Guard

ENTRIES = Guard("billing_entry", "ledger entries are immutable")

missing_triggers, install_triggers, remove_triggers = ENTRIES.missing, ENTRIES.install, ENTRIES.remove
