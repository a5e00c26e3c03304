"""A site in which panels are served and reports are not."""

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def panels(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(f"The panels of {slug}")


urlpatterns = [
    path("", include("surveys.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("studies/<slug:slug>/panels/", panels),
]
