"""Scoring of loan applications: no Django, no Celery, no database in here."""
