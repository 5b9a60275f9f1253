from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def delete_records_without_response(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("billing", "IdempotencyRecord").objects.filter(status=None).delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_texts")]
    operations = [
        migrations.RunPython(delete_records_without_response, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="idempotencyrecord", name="idempotency_age"),
        migrations.RenameField(
            model_name="idempotencyrecord", old_name="claimed_at", new_name="created_at"
        ),
        migrations.AlterField(
            model_name="idempotencyrecord",
            name="created_at",
            field=models.DateTimeField(default=timezone.now),
        ),
        migrations.AlterField(
            model_name="idempotencyrecord", name="status", field=models.PositiveSmallIntegerField()
        ),
        migrations.AlterField(model_name="idempotencyrecord", name="body", field=models.TextField()),
        migrations.AddIndex(
            model_name="idempotencyrecord",
            index=models.Index(fields=["created_at"], name="idempotency_age"),
        ),
    ]
