"""Scoring of loan applications, without Django, Celery or a database."""
