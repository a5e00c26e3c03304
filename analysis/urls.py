"""Addresses of the analysis: a fragment for the study page, runs, and reports to download."""

from django.urls import path

from analysis.web import power as power_page
from analysis.web import views

app_name = "analysis"
urlpatterns = [
    path("studies/<slug:slug>/reports/", views.study_fragment, name="study_fragment"),
    path("studies/<slug:slug>/reports/fit/", views.fit, name="fit"),
    path("studies/<slug:slug>/power/", power_page.power, name="power"),
    path("runs/<int:run_id>/", views.run_page, name="run"),
    path("runs/<int:run_id>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:run_id>/report/", views.write_report, name="write_report"),
    path("runs/<int:run_id>/archive/", views.archive_file, name="archive"),
    path("reports/<int:report_id>/", views.report_file, name="report"),
    path("reports/<int:report_id>/supplement/", views.supplement_file, name="supplement"),
]
