"""Two thousand generated bad requests: each is refused as documented, quickly, and the next good one works."""

from __future__ import annotations

import base64
import http.client
import json
import string
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from jarvis_bench.service.refusals import BY_CODE

from .running import BATCH, EMBED, VERIFY, Running, as_float32, speech

GOOD = as_float32(speech())
GOOD_FIELDS: dict[str, object] = {
    "audio_data": GOOD,
    "audio_samples": [GOOD, GOOD],
    "sample_rate": 16_000,
    "format": "float32",
    "reference_embedding": [1.0] * 192,
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
pcm = st.binary(max_size=4000).map(lambda content: base64.b64encode(content).decode())
near_base64 = st.text(string.ascii_letters + string.digits + "+/=-_\n", max_size=100)
audio = pcm | near_base64 | st.just(GOOD) | anything
rates = st.sampled_from([0, 1, 7999, 8000, 16000, 44100, 48000, 48001, 10**30, -1]) | anything
formats = st.sampled_from(["float32", "int16", "wav", ""]) | anything
references = st.lists(st.floats() | st.integers(), min_size=190, max_size=194) | anything
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "audio_data": audio,
    "audio_samples": st.lists(audio, max_size=5) | anything,
    "sample_rate": rates,
    "format": formats,
    "reference_embedding": references,
    "test_mode": anything,
}
shaped = st.fixed_dictionaries({}, optional=FIELDS)
one_wrong = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: FIELDS[name].map(lambda value: GOOD_FIELDS | {name: value})
)


def _as_json(value: object) -> bytes:
    return json.dumps(value).encode()


bodies = (
    one_wrong.map(_as_json)
    | st.tuples(one_wrong, one_wrong).map(lambda pair: _as_json({**pair[0], **pair[1]}))
    | shaped.map(_as_json)
    | anything.map(_as_json)
    | st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.tuples(shaped.map(_as_json), st.integers(0, 50)).map(lambda pair: pair[0][: pair[1]])
)
no_headers: st.SearchStrategy[dict[str, str]] = st.just({})
headers = (
    no_headers
    | no_headers
    | no_headers
    | no_headers
    | st.fixed_dictionaries(
        {},
        optional={
            "Content-Type": st.sampled_from(
                ["application/json", "text/plain", "", "application/json; charset=x"]
            ),
            "Content-Encoding": st.sampled_from(["identity", "gzip", "br"]),
            "Accept": st.sampled_from(["*/*", "text/html"]),
        },
    )
)


@pytest.fixture(scope="module")
def client(served: Running) -> Iterator[http.client.HTTPConnection]:
    """One connection for all of them: a bad request does not cost the connection."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    yield connection
    connection.close()


@settings(
    max_examples=2500,  # one in six turns out to be a good request
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(path=st.sampled_from([EMBED, VERIFY, BATCH]), body=bodies, header=headers)
def test_bad_requests_are_refused_and_the_next_good_one_works(
    path: str, body: bytes, header: dict[str, str], client: http.client.HTTPConnection
) -> None:
    """No answer but 200 or a documented 4xx; none hangs (5 s); the service is as good as before."""
    client.request("POST", path, body, header)
    answer = client.getresponse()
    fields = json.loads(answer.read())
    if answer.status == 200:
        assert fields["success"] is True
    else:
        assert 400 <= answer.status < 500
        assert BY_CODE[fields["code"]].status == answer.status
        assert fields["success"] is False
    event(f"{answer.status} {fields.get('code', 'ok')}")
    client.request("POST", EMBED, _as_json({"audio_data": GOOD}))
    good = client.getresponse()
    good.read()
    assert good.status == 200
