"""Jobs that were put into the queue by the version before go on under their new names.

A job carries who queued it as its second argument; of these jobs that was not kept.
"""

from django.db import migrations

OLD, NEW = "llm_respondents.tasks.", "llm_respondents.jobs."
NOBODY = {"user": None, "name": ""}


def waiting(apps, prefix):
    # What is over stays as it was: nobody looks for its function any more.
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects
    return results.filter(task_path__startswith=prefix, finished_at=None)


def forwards(apps, schema_editor):
    for job in waiting(apps, OLD):
        panel_id, *others = job.args_kwargs["args"]
        job.args_kwargs = {**job.args_kwargs, "args": [panel_id, NOBODY, *others]}
        job.task_path = NEW + job.task_path.removeprefix(OLD)
        job.save(update_fields=("args_kwargs", "task_path"))


def backwards(apps, schema_editor):
    for job in waiting(apps, NEW):
        panel_id, _by, *others = job.args_kwargs["args"]
        job.args_kwargs = {**job.args_kwargs, "args": [panel_id, *others]}
        job.task_path = OLD + job.task_path.removeprefix(NEW)
        job.save(update_fields=("args_kwargs", "task_path"))


class Migration(migrations.Migration):

    dependencies = [
        ("llm_respondents", "0007_no_notes"),
        ("django_tasks_database", "0018_rename_succeeded_status"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
