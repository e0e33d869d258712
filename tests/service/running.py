"""A real server on loopback with a scripted encoder, and clients as plain as sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.model import LoadedModel
from jarvis_bench.service.server import listen, serve
from jarvis_bench.service.service import Service

WAIT_S = 10.0
EMBED = "/api/ml/speaker_embedding"
VERIFY = "/api/ml/speaker_verify"
BATCH = "/api/ml/batch_embedding"
PREWARM = "/api/ml/prewarm"


class ScriptedEncoder:
    """Gives the first 192 magnitudes of a clip's spectrum, and waits or fails where told to."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Semaphore(0)
        self.fails: Callable[[NDArray[np.float32]], bool] = lambda clips: False
        self.shapes: list[tuple[int, ...]] = []
        self._busy = threading.Lock()

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """As a runtime does; two calls at once are an error."""
        assert self._busy.acquire(blocking=False), "two computations at once"
        try:
            self.shapes.append(clips.shape)
            self.entered.release()
            assert self.open.wait(WAIT_S)
            if self.fails(clips):
                raise RuntimeError("scripted failure")
            return np.abs(np.fft.rfft(clips[:, :400], n=400))[:, :192].astype(np.float32)
        finally:
            self._busy.release()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Computations begin, but do not end in here."""
        while self.entered.acquire(blocking=False):
            pass
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()


@dataclass(frozen=True)
class Reply:
    """One answer; `headers` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, which is a JSON object."""
        fields = json.loads(self.body)
        assert isinstance(fields, dict)
        return fields


class Running:
    """A service in a thread of its own."""

    def __init__(self, service: Service, encoder: ScriptedEncoder, port: int) -> None:
        self.service = service
        self.encoder = encoder
        self.port = port
        self.stop: Callable[[], None] = lambda: None
        self.ended = threading.Event()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)) as client:
            client.request(method, path, body, dict(headers or {}))
            answer = client.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def post(self, path: str, fields: object) -> Reply:
        """A JSON body, as JARVIS's client sends it."""
        return self.ask("POST", path, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def talk(self, content: bytes) -> Reply:
        """Send bytes as they are and read the answer."""
        with self.connect() as connection:
            connection.sendall(content)
            return read_reply(connection)

    def wait_ready(self) -> None:
        """Until the scripted model is loaded."""
        self.until(lambda: self.service.ready)

    def until(self, holds: Callable[[], bool]) -> None:
        """Poll for a state of the service."""
        tick = threading.Event()
        for _ in range(int(WAIT_S / 0.005)):
            if holds():
                return
            tick.wait(0.005)
        raise AssertionError("it did not come to that")


def read_reply(connection: socket.socket) -> Reply:
    """The next answer on a connection."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())


@contextlib.contextmanager
def running(
    limits: Limits | None = None, *, load: Callable[[InferenceThread], Any] | None = None
) -> Iterator[Running]:
    """Serve with a scripted encoder until the end of the block; ready when `load` is left out."""
    encoder = ScriptedEncoder()

    async def load_scripted(_: InferenceThread) -> LoadedModel:
        return LoadedModel(encoder, "scripted", "scripted", "0" * 64, 0.001, 0.002)

    listener = listen("127.0.0.1", 0)
    started = threading.Event()
    box: list[Running] = []

    async def main() -> None:
        service = Service(load or load_scripted, limits)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        here = Running(service, encoder, listener.getsockname()[1])
        here.stop = lambda: _call(loop, stop.set)
        box.append(here)
        await serve(service, listener, stop=stop, started=started.set)
        here.ended.set()
        service.thread.close(WAIT_S)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert started.wait(WAIT_S)
    try:
        if load is None:
            box[0].wait_ready()
        yield box[0]
    finally:
        encoder.open.set()
        box[0].stop()
        thread.join(WAIT_S)
        assert not thread.is_alive()


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # it has ended already
        loop.call_soon_threadsafe(function)


def speech(seconds: float = 0.5, *, rate_hz: int = 16_000, seed: int = 0) -> NDArray[np.float32]:
    """Noise as loud as speech, float32 `[n]`."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * rate_hz)) * 0.1
    return samples.astype(np.float32)


def as_float32(samples: NDArray[np.float32]) -> str:
    """What goes into `audio_data`."""
    return base64.b64encode(samples.astype("<f4").tobytes()).decode()


def as_int16(samples: NDArray[np.float32]) -> str:
    """What goes into `audio_data` with `format` int16."""
    return base64.b64encode((samples * 32768).astype("<i2").tobytes()).decode()
