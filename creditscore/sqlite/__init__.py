"""Django's SQLite backend with fair transactions."""
