from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_texts")]
    operations = [
        migrations.AddField(
            "prediction",
            "what_if_used",
            models.PositiveIntegerField(default=0, editable=False),
        )
    ]
