"""Addresses of the panels: the tab of a study, panels, and transcripts."""

from django.urls import path
from django.views.generic import RedirectView

from llm_respondents.web import panels, reading, recruiting, transcripts
from llm_respondents.web.collected import pages as collected
from llm_respondents.web.operating import endpoints

app_name = "llm_respondents"
urlpatterns = [
    path("studies/<slug:slug>/models/", panels.models, name="models"),
    path(
        "studies/<slug:slug>/panels/",
        RedirectView.as_view(pattern_name="llm_respondents:models", permanent=True),
    ),
    path("studies/<slug:slug>/panels/new/", recruiting.new_panel, name="new_panel"),
    path(
        "studies/<slug:slug>/panels/new/file/",
        recruiting.new_panel_of_file,
        name="new_panel_of_file",
    ),
    path("studies/<slug:slug>/panels/cap/", panels.study_cap, name="study_cap"),
    path("studies/<slug:slug>/imported/<slug:key>/", collected.collected_page, name="collected"),
    path("studies/<slug:slug>/imported/<slug:key>/again/", collected.read_again, name="read_again"),
    path("staff/endpoints/", endpoints.endpoints_page, name="endpoints"),
    path("staff/endpoints/check/", endpoints.check, name="check_endpoints"),
    path("staff/endpoints/try/", endpoints.try_out, name="try_endpoint"),
    path("panels/<int:panel_id>/", panels.panel_page, name="panel"),
    path("panels/<int:panel_id>/progress/", panels.panel_fragment, name="panel_fragment"),
    path("panels/<int:panel_id>/steer/", panels.steer, name="steer"),
    path("panels/<int:panel_id>/cancel/", panels.cancel_panel, name="cancel_panel"),
    path("panels/<int:panel_id>/again/", panels.ask_again, name="ask_again"),
    path("panels/<int:panel_id>/cap/", panels.cap, name="cap"),
    path("panels/<int:panel_id>/pace/", panels.retune, name="retune"),
    path("panels/<int:panel_id>/archive/", panels.set_aside, name="archive_panel"),
    path("panels/<int:panel_id>/reading/", reading.reading_page, name="reading"),
    path("panels/<int:panel_id>/calls/", transcripts.search_page, name="search"),
    path("panels/<int:panel_id>/transcripts.jsonl", transcripts.export, name="export"),
    path(
        "panels/<int:panel_id>/sessions/<int:number>/",
        transcripts.transcript_page,
        name="transcript",
    ),
]
