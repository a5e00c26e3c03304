from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0040_actions_of_teams_and_programs'),
    ]

    operations = [
        migrations.AddField(
            model_name='administration',
            name='erased',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
