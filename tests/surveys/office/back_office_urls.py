"""A site without the apps of panels and of analyses."""

from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("", include("surveys.urls")),
    path("help/", include("config.help.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
]
