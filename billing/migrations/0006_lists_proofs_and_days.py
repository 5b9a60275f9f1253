import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from billing import triggers


def install(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite has rebuilt the table without them."""
    triggers.install_triggers(editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0005_records_are_responses'),
    ]

    operations = [
        migrations.CreateModel(
            name='SpendingDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('charges', models.PositiveIntegerField()),
                ('charged', models.BigIntegerField()),
                ('refunded', models.BigIntegerField()),
                ('wallet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='billing.wallet')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('wallet', 'date'), name='spending_day_once')],
            },
        ),
        migrations.CreateModel(
            name='WalletProof',
            fields=[
                ('wallet', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='proof', serialize=False, to='billing.wallet')),
                ('last_entry', models.BigIntegerField()),
                ('balance', models.BigIntegerField()),
            ],
        ),
        migrations.AlterField(
            model_name='entry',
            name='wallet',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='billing.wallet'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['wallet', 'id'], name='entry_of_wallet'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('balance_after__gte', 0)), fields=['-created_at', '-id'], name='entry_newest'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('balance_after__gte', 0)), fields=['kind', '-created_at', '-id'], name='entry_of_kind'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('note', ''), _negated=True), fields=['note'], name='entry_by_note'),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
