"""The addresses of the site: each app serves its own pages and fragments."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("", include("surveys.urls")),
    path("", include("analysis.urls")),
    path("", include("llm_respondents.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
]
