"""Who may do what with a study: four roles, and for each act the least of them. No Django.

Every door asks this table, and the page of a study's team prints it.
"""

from collections.abc import Mapping

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class Role(SentenceCode):
    """What somebody is in a study, from the least; each may do what those before it may."""

    VIEWER = "viewer", _("viewer")
    ANALYST = "analyst", _("analyst")
    EDITOR = "editor", _("editor")
    OWNER = "owner", _("owner")


class Act(SentenceCode):
    """What can be done with a study; the sentence says what belongs to it."""

    SEE = "see", _("See its pages, counts, figures, results and reports")
    ANALYSE = (
        "analyse",
        _("Look at the quality, write and freeze plans, carry them out, write reports"),
    )
    EXPORT = "export", _("Take the answers out, without ids: exports, archives, transcripts")
    AUTHOR = "author", _("Write the draft, open the study, make a new version")
    RECRUIT = "recruit", _("Make links and quotas, write to people")
    IDENTITIES = "identities", _("See recruiters’ ids, codes and personal links; pay people")
    IMPORT = "import", _("Bring answers in")
    PANELS = "panels", _("Recruit and run panels of models, within the spend cap")
    CAP = "cap", _("Raise or lift a spend cap")
    CLOSE = "close", _("Close the study for good")
    ERASE = "erase", _("Erase people, and say how long ids are kept")
    TEAM = "team", _("Invite, change and remove members")
    CONNECT = "connect", _("Tell other programs what happens (webhooks)")
    TRANSFER = "transfer", _("Hand the study over")
    DELETE = "delete", _("Delete the study")


LEAST: Mapping[Act, Role] = {
    Act.SEE: Role.VIEWER,
    Act.ANALYSE: Role.ANALYST,
    Act.EXPORT: Role.ANALYST,
    Act.AUTHOR: Role.EDITOR,
    Act.RECRUIT: Role.EDITOR,
    Act.IDENTITIES: Role.EDITOR,
    Act.IMPORT: Role.EDITOR,
    Act.PANELS: Role.EDITOR,
    Act.CAP: Role.OWNER,
    Act.CLOSE: Role.OWNER,
    Act.ERASE: Role.OWNER,
    Act.TEAM: Role.OWNER,
    Act.CONNECT: Role.OWNER,
    Act.TRANSFER: Role.OWNER,
    Act.DELETE: Role.OWNER,
}
_RANK = {role: rank for rank, role in enumerate(Role)}


def may(role: str, act: Act) -> bool:
    """Whether a role is enough for an act; that of a stranger ("") is enough for none."""
    known = Role.of(role)
    return known is not None and _RANK[known] >= _RANK[LEAST[act]]


def acts_of(role: str) -> dict[str, bool]:
    """Every act by its code, and whether the role is enough for it."""
    return {act.value: may(role, act) for act in Act}


def roles_for(act: Act) -> list[Role]:
    """The roles that are enough for an act, from the least."""
    return [role for role in Role if may(role, act)]
