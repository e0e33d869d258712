"""The ASGI application: paths, the gate, errors, and the figures about each answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.answers import respond, respond_refused
from jarvis_bench.service.body import ClientGone, read_body, while_connected
from jarvis_bench.service.health import read_health
from jarvis_bench.service.operations import Done, Operation, embed, embed_batch, prewarm, verify
from jarvis_bench.service.refusals import refuse
from jarvis_bench.service.service import Service

CLIENT_GONE = 499
BY_STATUS = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed"}

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(service: Service) -> Starlette:
    """The application; its lifespan loads the model in the background."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with service.running():
            yield

    async def refuse_path(_: Request, exc: Exception) -> Response:
        status = exc.status_code if isinstance(exc, HTTPException) else HTTPStatus.NOT_FOUND
        response = _refused(service, refuse(BY_STATUS[HTTPStatus(status)], HTTPStatus(status).phrase))
        service.metrics.answers.labels("other", status).inc()
        return response

    app = Starlette(
        routes=_routes(service), lifespan=lifespan, exception_handlers={HTTPException: refuse_path}
    )
    app.router.redirect_slashes = False
    return app


def _routes(service: Service) -> list[Route]:
    health = _health_endpoint(service)
    operations: dict[str, Operation] = {
        "/api/ml/speaker_embedding": embed,
        "/api/ml/speaker_verify": verify,
        "/api/ml/batch_embedding": embed_batch,
        "/api/ml/prewarm": prewarm,
    }
    return [
        *(Route(path, health, methods=["GET"]) for path in ("/health", "/status", "/api/ml/health")),
        Route("/metrics", _metrics_endpoint(service), methods=["GET"]),
        *(
            Route(path, _operation_endpoint(service, path, operation), methods=["POST"])
            for path, operation in operations.items()
        ),
    ]


def _health_endpoint(service: Service) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        answer = read_health(service)
        status = HTTPStatus.OK if answer.ecapa_ready else HTTPStatus.SERVICE_UNAVAILABLE
        headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
        identity = service.identity(service.queue.next_index)
        return respond(answer, identity, status=status, headers=headers)

    return endpoint


def _metrics_endpoint(service: Service) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        service.metrics.pending.set(service.queue.pending)
        service.metrics.ready.set(service.ready)
        return Response(service.metrics.render(), media_type=service.metrics.content_type)

    return endpoint


def _operation_endpoint(service: Service, path: str, operation: Operation) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            done = await _carry_out(service, request, operation)
        except RequestRefused as refused:
            response = _refused(service, refused)
        except ClientGone:
            response = Response(status_code=CLIENT_GONE)
        else:
            response = _answered(service, done)
        service.metrics.answers.labels(path, response.status_code).inc()
        return response

    return endpoint


async def _carry_out(service: Service, request: Request, operation: Operation) -> Done:
    """Gate, body, then the operation itself within its deadline and for as long as the client stays."""
    prewarms = operation is prewarm
    with service.admitted(needs_model=not prewarms):
        body = b"" if prewarms else await read_body(request, service.limits)
        service.note_body(len(body))
        try:
            async with asyncio.timeout(service.limits.request_s):
                return await while_connected(request, operation(service, body))
        except TimeoutError as exc:
            raise refuse("deadline", f"no answer within {service.limits.request_s:g} s") from exc


def _answered(service: Service, done: Done) -> Response:
    stages, metrics = done.stages, service.metrics
    metrics.audio.inc(done.audio_s)
    metrics.stages.labels("decode").observe(stages.decode_s)
    metrics.stages.labels("queue").observe(stages.queue_s)
    metrics.stages.labels("model").observe(stages.model_s)
    headers = {"Server-Timing": stages.as_header()}
    return respond(done.answer, service.identity(done.index), headers=headers)


def _refused(service: Service, refused: RequestRefused) -> Response:
    service.metrics.refusals.labels(refused.code).inc()
    return respond_refused(refused, service.model.state, service.identity())
