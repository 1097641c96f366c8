"""Pages of workshops and their sheets, under ``/w/<slug>/``."""

from django.urls import URLPattern, URLResolver, path

from assessments.views import import_jobs, imports, sheets, versions, workshops

urlpatterns: list[URLPattern | URLResolver] = [
    path("workshops/", workshops.workshops, name="workshops"),
    path("firms/<int:firm>/workshops/new/", workshops.new, name="workshop-new"),
    path("workshops/<int:workshop_id>/", workshops.workshop, name="workshop"),
    path("workshops/<int:workshop_id>/move/", workshops.move, name="workshop-move"),
    path("workshops/<int:workshop_id>/participants/", workshops.add, name="participant-new"),
    path("workshops/<int:workshop_id>/groups/", workshops.groups, name="workshop-groups"),
    path("workshops/<int:workshop_id>/questions/", versions.questions, name="workshop-questions"),
    path(
        "workshops/<int:workshop_id>/participants/<int:participant>/drop/",
        workshops.drop,
        name="participant-drop",
    ),
    path("workshops/<int:workshop_id>/sheets/<int:participant>/<int:segment>/", sheets.sheet, name="sheet"),
    path(
        "workshops/<int:workshop_id>/sheets/<int:participant>/<int:segment>/answer/",
        sheets.answer,
        name="answer",
    ),
    path("imports/", imports.imports, name="imports"),
    path("imports/large/<int:job>/", import_jobs.job, name="import-job"),
    path("imports/large/<int:job>/confirm/", import_jobs.job_confirm, name="import-job-confirm"),
    path("imports/large/<int:job>/cancel/", import_jobs.job_cancel, name="import-job-cancel"),
    path("imports/<slug:token>/", imports.preview, name="import-preview"),
    path("imports/template/<slug:what>.<slug:form>", imports.template, name="import-template"),
    path("exports/<slug:what>.<slug:form>", imports.export, name="export"),
]
