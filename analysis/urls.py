"""Addresses of the analysis: two tabs of a study, runs, and reports to download."""

from django.urls import path
from django.views.generic import RedirectView

from analysis.web import power as power_page
from analysis.web import quality as quality_page
from analysis.web import views

app_name = "analysis"
urlpatterns = [
    path("studies/<slug:slug>/plan/", views.plan_page, name="plan"),
    path("studies/<slug:slug>/quality/", quality_page.quality, name="quality"),
    path("studies/<slug:slug>/quality/groups/", quality_page.set_aside, name="set_aside"),
    path("studies/<slug:slug>/compare/", views.compare, name="compare"),
    path(
        "studies/<slug:slug>/reports/",
        RedirectView.as_view(pattern_name="analysis:compare", permanent=True),
    ),
    path("studies/<slug:slug>/reports/fit/", views.fit, name="fit"),
    path("studies/<slug:slug>/power/", power_page.power, name="power"),
    path("runs/<int:run_id>/", views.run_page, name="run"),
    path("runs/<int:run_id>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:run_id>/report/", views.write_report, name="write_report"),
    path("runs/<int:run_id>/archive/", views.archive_file, name="archive"),
    path(
        "figures/<int:figure_id>/<slug:version>.svg",
        views.figure_file,
        name="figure",
    ),
    path("reports/<int:report_id>/", views.report_file, name="report"),
    path("reports/<int:report_id>/supplement/", views.supplement_file, name="supplement"),
]
