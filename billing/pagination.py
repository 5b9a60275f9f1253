"""The sort orders of ledger entries."""

from accounts.keyset import SortOrder, parse_time

# The primary keys of ledger entries would reveal how many there are.
ENTRIES_NEWEST_FIRST = SortOrder("created_at", True, parse_time, public_key="public_id")
ENTRIES_OLDEST_FIRST = SortOrder("created_at", False, parse_time, public_key="public_id")
