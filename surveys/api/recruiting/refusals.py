"""How a program is told of everything that is wrong with what it wanted to arrange."""

from django.utils.translation import gettext
from rest_framework import status
from rest_framework.response import Response

from surveys.services.people.refusing import ArrangementRefused


def refusal(error: ArrangementRefused, named: str) -> Response:
    """409 with the code, its sentence, and under `named` each problem with path, code and mend."""
    problems = [problem.as_json(gettext) for problem in error.problems]
    body = {"code": error.code, "detail": error.said(gettext), "errors": {named: problems}}
    return Response(body, status=status.HTTP_409_CONFLICT)
