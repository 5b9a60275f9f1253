#!/usr/bin/env python
"""Django's command line. Reads `.env` in this folder; environment variables take precedence."""

import os
import sys
from pathlib import Path

import environ
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    environ.Env.read_env(os.environ.get("ENV_FILE", Path(__file__).with_name(".env")))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")
    execute_from_command_line(sys.argv)
