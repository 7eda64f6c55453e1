"""The server: KServe's routes of the Open Inference Protocol, on uvicorn.

GET  /v2/health/live, /v2/health/ready, /v2/models/NAME/ready
GET  /v2, /v2/models, /v2/models/NAME      what there is; a model is a signature
POST /v2/models/NAME/infer                 JSON; an error is {"error": "..."}
GET  /metrics                              for Prometheus
"""

import sys
import traceback
from collections.abc import Iterable

import fastapi
import prometheus_client
import uvicorn
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ebm_tf import checks

from .kserve_names import (
    DataPlane,
    InvalidInput,
    ModelNotFound,
    ModelRepository,
    V2Endpoints,
)
from .limits import Bounds, PatientProtocol
from .models import SignatureModel, TooLate
from .worker import Busy

# Connections that the system keeps while they wait to be accepted.
BACKLOG = 2048
_STATUS = {
    checks.InputError: 400,
    InvalidInput: 400,
    ModelNotFound: 404,
    NotImplementedError: 501,
    Busy: 429,
    TooLate: 504,
}


def application(models: Iterable[SignatureModel]) -> fastapi.FastAPI:
    """Returns the routes: those of KServe that change nothing, and `/metrics`."""
    repository = ModelRepository()
    for model in models:
        repository.update(model)
    routes = V2Endpoints(DataPlane(model_registry=repository))
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for path, route in (
        ("/v2", routes.metadata),
        ("/v2/health/live", routes.live),
        ("/v2/health/ready", routes.ready),
        ("/v2/models", routes.models),
        ("/v2/models/{model_name}", routes.model_metadata),
        ("/v2/models/{model_name}/ready", routes.model_ready),
        ("/metrics", _metrics),
    ):
        app.add_api_route(path, route, methods=["GET"])
    infer = "/v2/models/{model_name}/infer"
    app.add_api_route(infer, routes.infer, methods=["POST"], response_model=None)
    for kind, status in _STATUS.items():
        app.add_exception_handler(kind, _answer_with(status))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _wrong_type)
    app.add_exception_handler(Exception, _defect)
    return app


def make(app, *, max_bytes: int, max_open: int, seconds: int) -> uvicorn.Server:
    """Returns a server; its `run(sockets=[...])` serves until a signal comes.

    And then until all that was asked is answered; the signal goes on to who handled it
    before.

    Args:
        app: What `application` returned.
        max_bytes: Of the body of a request.
        max_open: Requests at a time.
        seconds: That answers may take after the signal.
    """
    config = uvicorn.Config(
        Bounds(app, max_bytes, max_open),
        http=PatientProtocol,
        ws="none",
        backlog=BACKLOG,
        access_log=False,
        log_config=None,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=seconds,
    )
    return uvicorn.Server(config)


async def _metrics(request: fastapi.Request) -> fastapi.Response:
    text = prometheus_client.generate_latest()
    kind = prometheus_client.CONTENT_TYPE_LATEST
    return fastapi.Response(text, headers={"content-type": kind})


def _error(status: int, text: str, headers=None) -> fastapi.Response:
    content = {"error": " ".join(text.split())}
    return fastapi.responses.JSONResponse(content, status, headers)


def _answer_with(status: int):
    headers = {"Retry-After": "1"} if status == 429 else None

    async def answer(request, error) -> fastapi.Response:
        return _error(status, str(error), headers)

    return answer


async def _http_error(request, error: HTTPException) -> fastapi.Response:
    return _error(error.status_code, str(error.detail), error.headers)


async def _wrong_type(request, error: RequestValidationError) -> fastapi.Response:
    """Says the first field that is wrong; a body may be, in which case it is large."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "InferenceRequest")
    return _error(400, f"`{place}`: {first['msg']}")


async def _defect(request, error: Exception) -> fastapi.Response:
    traceback.print_exception(error, file=sys.stderr)
    return _error(500, f"a defect of the server: {type(error).__name__}")
