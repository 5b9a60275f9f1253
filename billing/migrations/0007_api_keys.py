from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.deletion import PROTECT

from billing import triggers


def install(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite rebuilds the table when the column is removed."""
    triggers.install_triggers(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_api_keys"), ("billing", "0006_lists_proofs_and_days")]
    operations = [
        # The last step backward.
        migrations.RunPython(migrations.RunPython.noop, install),
        migrations.AddField(
            "entry",
            "api_key",
            models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=PROTECT, related_name="+", to="accounts.apikey"
            ),
        ),
        migrations.CreateModel(
            "KeyDay",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("date", models.DateField()),
                ("orders", models.PositiveIntegerField(default=0)),
                ("spent", models.BigIntegerField(default=0)),
                ("errors", models.PositiveIntegerField(default=0)),
                ("minute", models.BigIntegerField(default=0)),
                ("minute_orders", models.PositiveIntegerField(default=0)),
                (
                    "api_key",
                    models.ForeignKey(
                        db_index=False, on_delete=PROTECT, related_name="days", to="accounts.apikey"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("api_key", "date"), name="key_day_once")]
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
