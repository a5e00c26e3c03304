"""How REST asks for a role: a view says by ``acts`` which act each of its actions is.

    acts: ClassVar = {"run": Act.PANELS}

Its rows come from `surveys.selectors.rows_for`, and so know what the reader is in their study. What
no row is found for asks by itself (`require_role`); use cases ask once more.
"""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from surveys.services.access.refusals import require_role

if TYPE_CHECKING:
    # The views read the settings, which name the class of this module.
    from rest_framework.views import APIView


class EnoughRole(BasePermission):
    """A member needs the role of what is asked of a row; 403 with the code ``role_needed``."""

    def has_object_permission(self, request: Request, view: "APIView", row: Any) -> bool:  # noqa: ARG002
        """Whether the role is enough. Raises `RoleNeeded`, which says which one would be."""
        act = getattr(view, "acts", {}).get(getattr(view, "action", None))
        if act is not None:
            require_role(row.reader_role, act)
        return True
