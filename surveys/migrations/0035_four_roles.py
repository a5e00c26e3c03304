"""Collaborators, who could do all but change the team and delete, become editors."""

from django.db import migrations, models


def name_editors(apps, _schema_editor):
    """An editor is what is next to what a collaborator could do."""
    apps.get_model("surveys", "Membership").objects.filter(role="collaborator").update(
        role="editor"
    )


def name_collaborators(apps, _schema_editor):
    members = apps.get_model("surveys", "Membership").objects
    members.exclude(role="owner").update(role="collaborator")


class Migration(migrations.Migration):

    dependencies = [("surveys", "0034_bounces")]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name="membership_role"),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("viewer", "viewer"),
                    ("analyst", "analyst"),
                    ("editor", "editor"),
                    ("owner", "owner"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(name_editors, name_collaborators),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ("viewer", "analyst", "editor", "owner"))),
                name="membership_role",
            ),
        ),
    ]
