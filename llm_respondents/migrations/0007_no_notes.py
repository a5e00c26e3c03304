# The columns of notes that are codes now; see the migration before.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('llm_respondents', '0006_fill_codes_and_prices'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='batch',
            name='detail',
        ),
        migrations.RemoveField(
            model_name='panel',
            name='status_note',
        ),
    ]
