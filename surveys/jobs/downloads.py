"""What jobs left, as pages and the REST door hand it out alike."""

from django.http import Http404, HttpResponse

from surveys.models import Job


def file_of(job: Job) -> HttpResponse:
    """The file as a download. Raises `Http404` where it is not there any more."""
    if not job.file:
        raise Http404
    with job.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/octet-stream")
    name = job.file.name.rsplit("/", 1)[-1]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
