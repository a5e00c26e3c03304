"""Addresses of the help site."""

from django.urls import path

from config.help import views

app_name = "help"

urlpatterns = [
    path("", views.help_page, name="home"),
    path("search/", views.help_search, name="search"),
    path("pictures/<path:path>", views.help_image, name="picture"),
    path("clients/<str:name>", views.help_client, name="client"),
    path("<path:path>/", views.help_page, name="page"),
]
