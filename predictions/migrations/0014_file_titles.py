import unicodedata

from django.db import migrations, models


def fold(apps, schema_editor):
    """Fill what searches compare for files that were uploaded before, as `orders.labels` does."""
    batches = apps.get_model("predictions", "Batch").objects
    for batch in batches.only("label", "file_name").iterator(500):
        plain = unicodedata.normalize("NFC", f"{batch.label} {batch.file_name}").casefold().replace("ё", "е")
        batches.filter(pk=batch.pk).update(title_folded=" ".join(plain.split())[:300])


class Migration(migrations.Migration):

    dependencies = [
        ("predictions", "0013_comped_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="title_folded",
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop, elidable=True),
    ]
