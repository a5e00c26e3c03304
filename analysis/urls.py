"""Addresses of the analysis: two tabs of a study, runs, and reports to download."""

from django.urls import path
from django.views.generic import RedirectView

from analysis.web import beside, views
from analysis.web import power as power_page
from analysis.web import quality as quality_page
from analysis.web.plans import pages as plans

app_name = "analysis"
DRAFT = "studies/<slug:slug>/plan/drafts/<int:draft_id>/"
urlpatterns = [
    path("studies/<slug:slug>/plan/", views.plan_page, name="plan"),
    path("studies/<slug:slug>/quality/", quality_page.quality, name="quality"),
    path("studies/<slug:slug>/quality/groups/", quality_page.set_aside, name="set_aside"),
    path("studies/<slug:slug>/plan/new/", plans.new_draft, name="new_plan"),
    path(DRAFT, plans.edit_draft, name="plan_draft"),
    path(DRAFT + "file/", plans.draft_file, name="draft_file"),
    path(DRAFT + "text/", plans.draft_text, name="draft_text"),
    path(DRAFT + "power/", plans.draft_power, name="draft_power"),
    path(DRAFT + "freeze/", plans.freeze, name="freeze_draft"),
    path(DRAFT + "delete/", plans.delete, name="delete_draft"),
    path("studies/<slug:slug>/plan/frozen/<slug:name>/", plans.frozen_plan, name="frozen_plan"),
    path("studies/<slug:slug>/plan/frozen/<slug:name>/file/", plans.frozen_file, name="plan_file"),
    path("studies/<slug:slug>/compare/", views.compare, name="compare"),
    path(
        "studies/<slug:slug>/reports/",
        RedirectView.as_view(pattern_name="analysis:compare", permanent=True),
    ),
    path("studies/<slug:slug>/reports/fit/", views.fit, name="fit"),
    path("studies/<slug:slug>/power/", power_page.power, name="power"),
    path("runs/<int:run_id>/", views.run_page, name="run"),
    path("runs/<int:run_id>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:run_id>/keep/", views.archive_run, name="archive_run"),
    path("runs/<int:run_id>/beside/<int:other_id>/", beside.two_runs, name="beside"),
    path("runs/<int:run_id>/beside/<int:other_id>/table.csv", beside.table, name="beside_table"),
    path("runs/<int:run_id>/report/", views.write_report, name="write_report"),
    path("runs/<int:run_id>/archive/", views.archive_file, name="archive"),
    path(
        "figures/<int:figure_id>/<slug:version>.svg",
        views.figure_file,
        name="figure",
    ),
    path("figures/<int:figure_id>/figure.png", views.figure_pixels, name="figure_png"),
    path("figures/<int:figure_id>/numbers.csv", views.figure_numbers, name="figure_csv"),
    path("reports/<int:report_id>/", views.report_file, name="report"),
    path("reports/<int:report_id>/supplement/", views.supplement_file, name="supplement"),
]
