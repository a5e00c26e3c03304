"""Sessions recruited before are told what they share with others, as those recruited since."""

from django.db import migrations

_KINDS = ("person", "persona", "donor", "wording", "prompt")
_FEWEST_WORDINGS = 30
_BATCH = 500


def fill(apps, schema_editor):
    for panel in apps.get_model("llm_respondents", "Panel").objects.order_by("pk").iterator():
        members = list(panel.members.select_related("respondent").order_by("number"))
        shuffles = panel.study.blocks.filter(shuffle=True).exists()
        drawn = [_draws(panel.spec, member, len(members), shuffles) for member in members]
        changed = []
        for member, cluster in zip(members, _clusters(drawn), strict=True):
            if cluster:
                member.respondent.design = {**member.respondent.design, "cluster": cluster}
                changed.append(member.respondent)
        apps.get_model("surveys", "Respondent").objects.bulk_update(
            changed, ("design",), batch_size=_BATCH
        )


def _draws(spec, member, sessions, shuffles):
    directions = 2 if spec["scale_directions"] == "balanced" else 1
    cells = len(spec["arms"]) * max(len(spec["wordings"]), 1) * directions
    turn, cell = divmod(member.number - 1, cells)
    rows = {"table": len(spec["persona_table"]), "margins": -(-sessions // cells)}
    known = rows.get(spec["personas"])
    drawn = {
        "person": str(turn) if spec["personas"] == "matched" else "",
        "persona": str(turn % known) if known else "",
        "donor": str(member.donor_id or ""),
        "wording": member.cell.get("wording", "")
        if len(spec["wordings"]) >= _FEWEST_WORDINGS
        else "",
    }
    is_fixed = _is_fixed(spec, member.cell, shuffles)
    return {**drawn, "prompt": "/".join([str(cell), *drawn.values()]) if is_fixed else ""}


def _is_fixed(spec, cell, shuffles):
    mixes = shuffles or cell.get("block_order") == "shuffled"
    return (
        spec["sampling"].get("temperature") == 0
        and spec["provider"] != "scripted"
        and cell["arm"].get("elicitation") != "distribution"
        and cell["arm"].get("option_order", "scale") == "scale"
        and (spec["personas"] == "matched" or not mixes)
    )


def _clusters(drawn):
    levels = {kind: [one[kind] for one in drawn] for kind in _KINDS}
    counts = {kind: len(set(filter(None, each))) + each.count("") for kind, each in levels.items()}
    kind = min(_KINDS, key=lambda one: counts[one])
    if counts[kind] == len(drawn):
        return [""] * len(drawn)
    places = {level: place for place, level in enumerate(dict.fromkeys(levels[kind]), start=1)}
    return [f"{kind}:{places[level]}" if level else "" for level in levels[kind]]


class Migration(migrations.Migration):
    dependencies = [
        ("llm_respondents", "0011_reading_and_asking_again"),
        ("surveys", "0009_own_studies"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
