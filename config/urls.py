"""The addresses of the site: each app serves its own pages and fragments."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from surveys.views.login import LimitedLogin

urlpatterns = [
    path("", include("surveys.urls")),
    path("", include("analysis.urls")),
    path("", include("llm_respondents.urls")),
    path("login/", LimitedLogin.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    # One door for passwords: the admin's own would not be limited.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("help/", include("config.help.urls")),
]
