"""The metrics, for the operator's Prometheus alone: who asks in public, through a proxy or from elsewhere, finds
nothing."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from festival_push.web.parsing.problems import ProblemError
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints
from festival_push.web.routing.operator import may_see_metrics

ENDPOINTS: Final = Endpoints()


@ENDPOINTS.get("/metrics", ANYONE, answers={200: "text/plain"}, refuses=((404, "not-found"),))
async def show_metrics(call: Call) -> Response:
    """GET /metrics: in Prometheus' text format, of all processes behind this port."""
    if not may_see_metrics(call.request, call.services.settings):
        raise ProblemError(404, "not-found", "There is nothing at this address.")
    text = await call.services.metrics.text()
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})
