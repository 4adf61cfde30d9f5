"""`/v1/reports`: what the nightly evaluation found, for the scope `eval`, tenant by tenant."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Query
from starlette.responses import HTMLResponse, Response

from service.replies import Report, ReportEntry, ReportList
from service.reports import Reports
from service.routes.caller import MISSING, REFUSALS, Evaluator, Parts, Responses

router = APIRouter(prefix="/v1/reports", tags=["evaluation"])

HTML = "text/html"
FOUND: Responses = {
    200: {
        "model": Report,
        "description": "The figures; as a page, if the header `Accept` prefers `text/html`.",
        "content": {HTML: {"schema": {"type": "string"}}},
    }
}


@router.get("", summary="List reports", responses=REFUSALS)
async def list_reports(
    caller: Evaluator, parts: Parts, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
) -> ReportList:
    """The tenant's reports, the newest first: dates, verdicts and the first figures."""
    cards = await to_thread.run_sync(Reports(parts.settings.folder).cards, caller, limit)
    return ReportList(reports=[ReportEntry.model_validate(card) for card in cards])


@router.get("/{report_id}", summary="Read a report", responses={**REFUSALS, **MISSING, **FOUND})
async def read_report(
    report_id: str,
    caller: Evaluator,
    parts: Parts,
    accept: Annotated[str, Header(description="`text/html` for the page.")] = "*/*",
) -> Response:
    """One report's verdict and figures; or the page, without texts for who may not read all it quotes."""
    reports = Reports(parts.settings.folder)
    if prefers_page(accept):
        return HTMLResponse(await to_thread.run_sync(reports.page, caller, report_id))
    card, figures = await to_thread.run_sync(reports.figures, caller, report_id)
    entry = ReportEntry.model_validate(card)
    report = Report(**entry.model_dump(), texts=card.readable(caller), figures=figures)
    return Response(report.model_dump_json(), media_type="application/json")


def prefers_page(accept: str) -> bool:
    """Whether an `Accept` header names HTML, and before JSON: who names nothing gets JSON."""
    named = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    return HTML in named and "application/json" not in named[: named.index(HTML)]
