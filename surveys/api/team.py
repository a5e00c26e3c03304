"""The REST door of a study's team: members and their roles, invitations, handing over."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer, made
from surveys.models import Invitation, Membership, Study
from surveys.roles import Act, Role, roles_for
from surveys.selectors import studies_for
from surveys.services.access.invitations import (
    LONGEST_DAYS,
    USUAL_DAYS,
    invite,
    revoke_invitation,
    send_invitation,
)
from surveys.services.access.members import add_member, remove_member, transfer_study
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor

ROLES = [role.value for role in Role]


class MemberSerializer(serializers.Serializer[Any]):
    """A member that is set: an account, and its role."""

    user = serializers.SlugRelatedField(
        slug_field="username", queryset=get_user_model().objects.filter(is_active=True)
    )
    role = serializers.ChoiceField(choices=ROLES)


class NewInvitationSerializer(serializers.Serializer[Any]):
    """Who is invited as what; without an address the link is given out by hand."""

    role = serializers.ChoiceField(choices=ROLES)
    email = serializers.EmailField(required=False, allow_blank=True)
    days = serializers.IntegerField(
        required=False, default=USUAL_DAYS, min_value=1, max_value=LONGEST_DAYS
    )


class HeirSerializer(serializers.Serializer[Any]):
    """The member who is to own the study."""

    user = serializers.CharField()


class MemberRow(TypedDict):
    """A member and the role."""

    user: str
    role: str


class Members(TypedDict):
    """The members of a study."""

    members: list[MemberRow]


class MembersAndActs(Members):
    """The members of a study, and which roles may do which act."""

    acts: dict[str, list[str]]


class InvitationRow(TypedDict):
    """An invitation that nobody has used."""

    id: int
    role: str
    email: str
    created_at: datetime
    expires_at: datetime
    is_good: bool


class Invitations(TypedDict):
    """The invitations of a study that nobody has used."""

    invitations: list[InvitationRow]


class NewInvitation(InvitationRow):
    """An invitation with its address, which is told once, and whether a mail was sent."""

    address: str
    sent: bool


class TeamActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/members/` and beside it; the view set that this is part of reads them.

    Beside the members GET tells which roles may do which act.
    """

    takes: ClassVar[dict[str, Any]] = {
        "members": MemberSerializer,
        "transfer": HeirSerializer,
        "invitations": NewInvitationSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "members.get": Answer(MembersAndActs, called="list_members_of_study"),
        "members.put": Answer(MembersAndActs, called="set_member_of_study"),
        "member": Answer(None, 204, called="remove_member_of_study"),
        "transfer": Answer(Members, called="hand_study_over"),
        "invitations.get": Answer(Invitations, called="list_invitations_of_study"),
        "invitations.post": made(NewInvitation, "invite_to_study"),
        "invitation": Answer(None, 204, called="revoke_invitation_of_study"),
    }

    @action(detail=True, methods=("get", "put"))
    def members(self, request: Request, slug: str) -> Response:
        """The members; PUT sets the role of one, who need not be a member yet."""
        study = _study(request, slug)
        if request.method == "PUT":
            require_role(study.reader_role, Act.TEAM)
            given = MemberSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            add_member(study=study, **given.validated_data, by=rest_actor(request.user))
        rows = study.memberships.select_related("user").order_by("pk")
        acts = {act.value: [role.value for role in roles_for(act)] for act in Act}
        return Response({"members": [_member(one) for one in rows], "acts": acts})

    @action(detail=True, methods=("delete",), url_path=r"members/(?P<username>[^/]+)")
    def member(self, request: Request, slug: str, username: str) -> Response:
        """Take a member out; everybody may leave."""
        study = _study(request, slug)
        rows = study.memberships.select_related("user", "study")
        member = get_object_or_404(rows, user__username=username)
        if member.user_id != request.user.pk:
            require_role(study.reader_role, Act.TEAM)
        remove_member(member=member, by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=("post",))
    def transfer(self, request: Request, slug: str) -> Response:
        """Hand the study over to a member; whoever does stays as an editor."""
        study = _study(request, slug, Act.TRANSFER)
        given = HeirSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        users = get_user_model().objects.filter(memberships__study=study)
        heir = get_object_or_404(users, username=given.validated_data["user"])
        transfer_study(study=study, user=heir, by=rest_actor(request.user))
        rows = study.memberships.select_related("user").order_by("pk")
        return Response({"members": [_member(one) for one in rows]})

    @action(detail=True, methods=("get", "post"))
    def invitations(self, request: Request, slug: str) -> Response:
        """The invitations that nobody has used; POST makes one and tells its address, once."""
        study = _study(request, slug, Act.TEAM)
        if request.method == "GET":
            rows = study.invitations.filter(accepted_at=None, revoked_at=None)
            return Response({"invitations": [_invitation(one) for one in rows]})
        given = NewInvitationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        by = rest_actor(request.user)
        new, told = invite(study=study, **given.validated_data, by=by)
        address = settings.SITE_URL + reverse("surveys:invitation", kwargs={"token": told})
        sent = send_invitation(invitation=new, address=address, by=by)
        body = {**_invitation(new), "address": address, "sent": sent is not None}
        return Response(body, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=("delete",), url_path=r"invitations/(?P<invitation_id>\d+)")
    def invitation(self, request: Request, slug: str, invitation_id: str) -> Response:
        """Let an invitation let nobody in any more."""
        study = _study(request, slug, Act.TEAM)
        found = get_object_or_404(study.invitations, pk=invitation_id)
        revoke_invitation(invitation=found, by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _study(request: Request, slug: str, act: Act = Act.SEE) -> Study:
    study = get_object_or_404(studies_for(request.user), slug=slug)
    require_role(study.reader_role, act)
    return study


def _member(member: Membership) -> MemberRow:
    return {"user": member.user.get_username(), "role": member.role}


def _invitation(one: Invitation) -> InvitationRow:
    return {
        "id": one.pk,
        "role": one.role,
        "email": one.email,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "is_good": one.is_good,
    }
