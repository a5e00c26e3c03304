"""Stored comparisons tell "no" from "cannot tell", and "none" from "not tested"."""

from django.db import migrations


def tell_apart(apps, schema_editor):
    runs = apps.get_model("analysis", "AnalysisRun").objects.exclude(result=None)
    for run in runs.order_by("pk").iterator(chunk_size=20):
        comparison = run.result.get("comparison")
        if comparison is None:
            continue
        bound = comparison["plan"]["equivalence_bound"]
        for row in comparison.get("differences", ()):
            if "equivalent" in row:
                row["equivalence"] = _equivalence(row, row.pop("equivalent"), bound)
        for verdict in comparison.get("invariance", ()):
            steps = verdict["steps"]
            if verdict["reached"] == "none" and (not steps or steps[0].get("reason")):
                verdict["reached"] = "not_tested"
        run.save(update_fields=("result",))


def _equivalence(row, equivalent, bound):
    if equivalent is None or row["std_ci"] is None:
        return None
    if equivalent:
        return "equivalent"
    beyond = row["std_ci"]["lower"] >= bound or row["std_ci"]["upper"] <= -bound
    return "not_equivalent" if beyond else "cannot_tell"


class Migration(migrations.Migration):
    dependencies = [("analysis", "0005_report_supplement")]

    operations = [migrations.RunPython(tell_apart, migrations.RunPython.noop)]
