"""The addresses of the site: each app serves its own pages and fragments."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from config.health.pages import back_up_now, health, staff_page
from surveys.views.account.login import LimitedLogin

handler403 = "surveys.views.membership.forbidden"

handler404 = "surveys.views.visitors.error_pages.not_found"
handler500 = "surveys.views.visitors.error_pages.failed"

urlpatterns = [
    path("health/", health, name="health"),
    path("staff/", staff_page, name="staff"),
    path("staff/backup/", back_up_now, name="back_up_now"),
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
