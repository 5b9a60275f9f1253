"""What the service tells of itself: counts for Prometheus, and what log lines are about. Knows no app."""
