"""Files that customers upload: where they are, and the limits of files."""

from datetime import timedelta
from pathlib import Path

from creditscore.settings.service import VAR_DIR, env, whole

# All roles need the same folder: on one machine it is in VAR_DIR, containers share a volume.
FILES_DIR = Path(env.str("FILES_DIR", str(VAR_DIR / "files")))
# On the same file system, so that a complete upload is moved and not copied.
INCOMING_DIR = FILES_DIR / "incoming"
# Files are never in memory, and never executed or served.
FILE_UPLOAD_HANDLERS = ["predictions.batches.uploads.DiskUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
BATCH_STORAGE = {
    "BACKEND": "predictions.batches.store.DurableStorage",
    "OPTIONS": {"location": str(FILES_DIR / "batches")},
}
# Limits of a customer; 0 means none.
FILES_PER_MINUTE = whole("FILES_PER_MINUTE", 30, 0, 100_000)
OPEN_FILES = whole("OPEN_FILES", 20, 0, 100_000)
# A price that is not confirmed within this time expires.
QUOTE_HOURS = whole("QUOTE_HOURS", 24, 1, 8760)
# So long after its end, a file that was paid for is deleted with its results. The ledger keeps what it cost.
BATCH_RETENTION = timedelta(days=whole("BATCH_RETENTION_DAYS", 30, 1, 3650))
# So long, the lines and results of its rows stay, so that their outcomes can be reported: no applicants.
SCORES_RETENTION = timedelta(days=whole("SCORES_RETENTION_DAYS", 1825, 1, 36_500))
