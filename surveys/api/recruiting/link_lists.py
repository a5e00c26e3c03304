"""The REST door of lists of links: made in one go, read with what became of each."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer, made
from surveys.api.recruiting.refusals import refusal
from surveys.models import LinkList, Study
from surveys.recruiters.link_lists import KINDS, MOST_LINES, Line, ListDraft, numbered
from surveys.roles import Act
from surveys.selectors import studies_for, with_progress
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.people.link_lists import links_of, make_link_list
from surveys.services.people.refusing import ArrangementRefused


class LineSerializer(serializers.Serializer[Any]):
    """One person of a list."""

    pseudonym = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment] # a field of the row, not its name
        required=False, default="", allow_blank=True
    )


class ListSerializer(serializers.Serializer[Any]):
    """A list that is asked for: `lines`, or only `count` of people."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS, required=False, default="single_use")
    lines = LineSerializer(many=True, required=False, default=list)
    count = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_LINES)
    simulated = serializers.BooleanField(required=False, default=False)


class ListRow(TypedDict):
    """A list with its progress."""

    id: int
    name: str
    people: int
    began: int
    completed: int


class LinkLists(TypedDict):
    """The lists of a study."""

    link_lists: list[ListRow]


class LinkRow(TypedDict):
    """One person's link, and what became of it."""

    pseudonym: str
    label: str
    token: str
    active: bool
    status: str


class MadeList(TypedDict):
    """One list with all of its links."""

    id: int
    name: str
    links: list[LinkRow]


class LinkListActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/link-lists/`; the view set that this is part of reads the studies."""

    takes: ClassVar[dict[str, Any]] = {"link_lists": ListSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "link_lists.get": Answer(LinkLists, called="list_link_lists_of_study"),
        "link_lists.post": made(MadeList, "make_link_list_of_study"),
        "link_list": Answer(MadeList, called="get_link_list_of_study"),
    }

    @action(detail=True, methods=("get", "post"), url_path="link-lists")
    def link_lists(self, request: Request, slug: str) -> Response:
        """The lists with their progress; POST makes one, 409 with everything that is wrong."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        if request.method != "POST":
            lists = with_progress(study.link_lists.order_by("pk"))
            return Response({"link_lists": [_progress(one) for one in lists]})
        require_role(study.reader_role, Act.RECRUIT)
        asked = ListSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        lines = tuple(Line(**one) for one in sent["lines"]) or numbered(sent["count"])
        draft = ListDraft(sent["name"], lines, sent["kind"])
        by, simulated = rest_actor(request.user), sent["simulated"]
        try:
            new = make_link_list(study=study, draft=draft, simulated=simulated, by=by)
        except ArrangementRefused as error:
            return refusal(error, "list")
        return Response(_lines(new), status=status.HTTP_201_CREATED)

    @action(detail=True, url_path=r"link-lists/(?P<list_id>\d+)")
    def link_list(self, request: Request, slug: str, list_id: str) -> Response:
        """One list: the token of each person's link, and what became of it."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        require_role(study.reader_role, Act.IDENTITIES)
        return Response(_lines(get_object_or_404(study.link_lists, pk=list_id)))


def _progress(one: Any) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("people", "began", "completed")}
    return {"id": one.pk, "name": one.name, **counts}


def _lines(one: LinkList) -> dict[str, Any]:
    lines = [
        {
            "pseudonym": entry.link.pseudonym,
            "label": entry.link.label,
            "token": entry.link.token,
            "active": entry.link.active,
            "status": entry.status,
        }
        for entry in links_of(link_list=one)
    ]
    return {"id": one.pk, "name": one.name, "links": lines}
