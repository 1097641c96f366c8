"""Pages of the matrix, below a workspace's address."""

from django.urls import URLPattern, URLResolver, path

from matrix.views import (
    agenda,
    agreement,
    cell,
    changes,
    evidence,
    firm,
    firms,
    models,
    moves,
    portfolio,
    portfolio_csv,
    proposals,
    receipt_csv,
    robust,
    runs,
    segment,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", portfolio.portfolio, name="portfolio"),
    path("portfolio.csv", portfolio_csv.portfolio_csv, name="portfolio-csv"),
    path("cells/<str:code>/", cell.cell, name="cell"),
    path("firms/", firms.firms, name="firms"),
    path("firms/<int:firm>/", firm.firm, name="firm"),
    path("segments/<int:segment>/", segment.segment, name="segment"),
    path("segments/<int:segment>/live/", segment.live, name="segment-live"),
    path("segments/<int:segment>/evidence/", evidence.segment_evidence, name="segment-evidence"),
    path("workshops/<int:workshop_id>/agenda/", agenda.agenda, name="workshop-agenda"),
    path("workshops/<int:workshop_id>/agreement/", agreement.workshop_agreement, name="workshop-agreement"),
    path("segments/<int:segment>/robust/", robust.robust, name="segment-robust"),
    path("segments/<int:segment>/changes/", changes.changes, name="segment-changes"),
    path("segments/<int:segment>/moves/", moves.moves, name="segment-moves"),
    path("segments/<int:segment>/receipt.csv", receipt_csv.receipt_csv, name="segment-receipt"),
    path("settings/models/", models.models, name="models"),
    path("settings/models/<int:model>/", models.model, name="model"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.run_start, name="run-start"),
    path("runs/<int:run>/", runs.run, name="run"),
    path("runs/<int:run>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<int:run>/resume/", runs.run_resume, name="run-resume"),
    path("runs/<int:run>/approve/", proposals.run_approve, name="run-approve"),
    path("runs/<int:run>/discard/", proposals.run_discard, name="run-discard"),
    path("runs/<int:run>/rollback/", proposals.run_rollback, name="run-rollback"),
]
