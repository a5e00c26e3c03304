from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("llm_respondents", "0013_what_was_thought"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="written_tokens",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
