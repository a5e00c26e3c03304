"""Addresses of the panels: a fragment for the study page, panels, and transcripts."""

from django.urls import path

from llm_respondents import views

app_name = "llm_respondents"
urlpatterns = [
    path("studies/<slug:slug>/panels/", views.study_fragment, name="study_fragment"),
    path("panels/<int:panel_id>/", views.panel_page, name="panel"),
    path("panels/<int:panel_id>/progress/", views.panel_fragment, name="panel_fragment"),
    path("panels/<int:panel_id>/steer/", views.steer, name="steer"),
    path("panels/<int:panel_id>/sessions/<int:number>/", views.transcript_page, name="transcript"),
]
