from django.db import migrations, models


class Migration(migrations.Migration):
    """The supplier of people is a recruiter; a panel is a panel of models. Nothing is lost."""

    dependencies = [
        ('surveys', '0004_jobs'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='respondent', name='respondent_panel_id'),
        migrations.RenameField(
            model_name='recruitinglink', old_name='recruiting_panel', new_name='recruiter'
        ),
        migrations.RenameField(
            model_name='respondent', old_name='recruiting_panel', new_name='recruiter'
        ),
        migrations.RenameField(
            model_name='respondent', old_name='panel_id', new_name='recruiter_id'
        ),
        migrations.AddConstraint(
            model_name='respondent',
            constraint=models.UniqueConstraint(
                condition=models.Q(('recruiter_id', ''), _negated=True),
                fields=('study', 'recruiter', 'recruiter_id'),
                name='respondent_recruiter_id',
            ),
        ),
    ]
