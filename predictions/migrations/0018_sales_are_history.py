from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from predictions.triggers import PERIODS


def install(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    PERIODS.install(editor.connection)


def remove(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    PERIODS.remove(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0017_versions")]
    operations = [migrations.RunPython(install, remove)]
