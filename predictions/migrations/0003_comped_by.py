from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("predictions", "0002_labels")]
    operations = [migrations.RenameField("prediction", "on_the_house_by", "comped_by")]
