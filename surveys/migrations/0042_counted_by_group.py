"""An administration knows its group, by which it is counted; those there are learn it here."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_groups(apps, schema_editor):
    """One statement, whatever there is: the group of each respondent, tests among them."""
    respondents = apps.get_model('surveys', 'Respondent').objects.using(schema_editor.connection.alias)
    group = respondents.filter(pk=OuterRef('respondent')).values('group')[:1]
    administrations = apps.get_model('surveys', 'Administration').objects
    administrations.using(schema_editor.connection.alias).update(group=Subquery(group))


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0041_erased_on_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='administration',
            name='group',
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name='administrations',
                to='surveys.respondentgroup',
            ),
        ),
        migrations.RunPython(name_groups, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='administration',
            name='group',
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name='administrations',
                to='surveys.respondentgroup',
            ),
        ),
        migrations.AlterField(
            model_name='respondent',
            name='group',
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='respondents',
                to='surveys.respondentgroup',
            ),
        ),
        migrations.AddIndex(
            model_name='administration',
            index=models.Index(
                fields=['group', 'status', 'screened_by', 'erased'], name='administration_counted'
            ),
        ),
        migrations.AddIndex(
            model_name='respondent',
            index=models.Index(fields=['group', 'link'], name='respondent_counted'),
        ),
    ]
