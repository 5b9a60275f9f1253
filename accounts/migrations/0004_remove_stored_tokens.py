"""Drops the tables of the app `rest_framework_simplejwt.token_blacklist`, which held complete refresh tokens."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APP = "token_blacklist"


def remove_stored_tokens(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS token_blacklist_blacklistedtoken")
        cursor.execute("DROP TABLE IF EXISTS token_blacklist_outstandingtoken")
        cursor.execute("DELETE FROM django_migrations WHERE app = %s", [APP])
        apps.get_model("contenttypes", "ContentType").objects.filter(app_label=APP).delete()
        if schema_editor.connection.vendor == "sqlite":
            # SQLite leaves the content of dropped tables in the file until it is rewritten.
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Migration(migrations.Migration):
    # VACUUM does not run in a transaction. Each step may run again after an interruption.
    atomic = False

    dependencies = [
        ("accounts", "0003_token_families"),
        # Content types are deleted together with their permissions and the admin's log.
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(remove_stored_tokens, migrations.RunPython.noop)]
