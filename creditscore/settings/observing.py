"""Metrics."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from creditscore.settings.service import VAR_DIR, env, whole

# --- Metrics -----------------------------------------------------------------------------------
# Whoever has the token may read `/metrics`. Without one there are no metrics.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must be a random text of at least 20 characters.")
# Where the processes of a machine or container keep their counts.
METRICS_DIR = Path(env.str("METRICS_DIR", str(VAR_DIR / "metrics")))
# Where a worker or mailer shows its counts; 0 means nowhere.
METRICS_PORT = whole("METRICS_PORT", 0, 0, 65535)
