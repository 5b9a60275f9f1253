import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('predictions', '0009_decision_policies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model_version', models.CharField(max_length=50, verbose_name='model version')),
                ('line', models.PositiveIntegerField(blank=True, null=True, verbose_name='line')),
                ('approval_probability', models.FloatField(verbose_name='probability of approval')),
                ('ordered_on', models.DateField(verbose_name='ordered')),
                ('result', models.CharField(blank=True, choices=[('repaid', 'Repaid'), ('defaulted', 'Defaulted'), ('refused', 'No loan granted')], max_length=9, verbose_name='outcome')),
                ('observed_on', models.DateField(blank=True, null=True, verbose_name='observed')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('batch', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='predictions.batch')),
                ('model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='predictions.scoringmodel')),
                ('prediction', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='predictions.prediction')),
                ('reported_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'outcome',
                'verbose_name_plural': 'outcomes',
            },
        ),
        migrations.CreateModel(
            name='FormerOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(blank=True, choices=[('repaid', 'Repaid'), ('defaulted', 'Defaulted'), ('refused', 'No loan granted')], max_length=9, verbose_name='outcome')),
                ('observed_on', models.DateField(blank=True, null=True, verbose_name='observed')),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('reported_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former', to='predictions.outcome')),
            ],
            options={
                'verbose_name': 'former outcome',
                'verbose_name_plural': 'former outcomes',
            },
        ),
        migrations.CreateModel(
            name='RowScores',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('lines', models.BinaryField()),
                ('probabilities', models.BinaryField()),
                ('references', models.BinaryField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='predictions.batch')),
            ],
        ),
        migrations.AddIndex(
            model_name='outcome',
            index=models.Index(fields=['model', 'model_version', 'result', 'ordered_on', 'approval_probability'], name='outcome_of_version'),
        ),
        migrations.AddIndex(
            model_name='outcome',
            index=models.Index(fields=['user', 'model', 'model_version', 'result', 'ordered_on', 'approval_probability'], name='outcome_of_customer'),
        ),
        migrations.AddIndex(
            model_name='outcome',
            index=models.Index(fields=['-reported_at', '-id'], name='outcome_newest'),
        ),
        migrations.AddConstraint(
            model_name='outcome',
            constraint=models.UniqueConstraint(fields=('batch', 'line'), name='outcome_of_row_once'),
        ),
        migrations.AddConstraint(
            model_name='outcome',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', True), ('line__isnull', True), ('prediction__isnull', False)), models.Q(('batch__isnull', False), ('line__isnull', False), ('prediction__isnull', True)), _connector='OR'), name='outcome_is_of_a_prediction_or_a_row'),
        ),
        migrations.AddConstraint(
            model_name='outcome',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('observed_on__isnull', True), ('result', '')), models.Q(('observed_on__gte', models.F('ordered_on')), ('observed_on__isnull', False), ('result__in', ['repaid', 'defaulted', 'refused'])), _connector='OR'), name='outcome_observed_after_the_order'),
        ),
        migrations.AddConstraint(
            model_name='outcome',
            constraint=models.CheckConstraint(condition=models.Q(('approval_probability__gte', 0), ('approval_probability__lte', 1)), name='outcome_probability_is_one'),
        ),
        migrations.AddIndex(
            model_name='rowscores',
            index=models.Index(fields=['created_at'], name='row_scores_by_age'),
        ),
        migrations.AddConstraint(
            model_name='rowscores',
            constraint=models.UniqueConstraint(fields=('batch', 'number'), name='row_scores_of_chunk_once'),
        ),
    ]
