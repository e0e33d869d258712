"""A model in a process of its own, seen from the parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import NothingMeasured, WorkerDied
from jarvis_bench.settings import Settings
from tests.processes import ends, lives

CLIPS = {clip.name: clip for clip in load_clips(Settings().data_dir)}
ALLISON, JUNE = CLIPS["en-allison-03s-a"], CLIPS["fr-june-03s-a"]
LONG = CLIPS["en-allison-10s-a"]

model = pytest.mark.model
one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def loaded(weights: Weights) -> AsyncIterator[ModelProcess]:
    """A process with the model loaded; no test harms it."""
    async with ModelProcess(weights) as process:
        await process.import_runtime()
        await process.load()
        yield process


async def vector(process: ModelProcess, clip: Clip) -> NDArray[np.float32]:
    """The clip's embedding."""
    return (await process.embed(clip.samples)).vector


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How alike two embeddings are."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


@model
@one_loop
async def test_embedding_is_192_finite_numbers(loaded: ModelProcess) -> None:
    """A clip gives a vector of the promised size, and the time that the model took."""
    embedding = await loaded.embed(ALLISON.samples)
    assert embedding.vector.shape == (192,)
    assert embedding.vector.dtype == np.float32
    assert np.isfinite(embedding.vector).all()
    assert embedding.vector.any()
    assert embedding.model_s > 0


@model
@one_loop
async def test_equal_clips_give_equal_embeddings(loaded: ModelProcess) -> None:
    """The same clip gives the same numbers, whatever was embedded in between."""
    first = await vector(loaded, ALLISON)
    await vector(loaded, JUNE)
    assert np.array_equal(await vector(loaded, ALLISON), first)


@model
@one_loop
async def test_speakers_differ(loaded: ModelProcess) -> None:
    """Two speakers lie far apart; raw random weights would map both to nearly one vector."""
    assert cosine(await vector(loaded, ALLISON), await vector(loaded, JUNE)) < 0.8


@model
@one_loop
async def test_bad_clips_are_refused_and_the_process_lives_on(loaded: ModelProcess) -> None:
    """An empty clip, a click and a clip of no numbers are errors that say so; the next clip is served."""
    pid = loaded.pid
    clips = (np.zeros(0, np.float32), np.zeros(10, np.float32), np.full(16_000, np.nan, np.float32))
    for clip in clips:
        with pytest.raises(NothingMeasured, match=r"^embed: "):
            await loaded.embed(clip)
    assert (await vector(loaded, ALLISON)).shape == (192,)
    assert loaded.pid == pid


@model
@one_loop
async def test_concurrent_callers_each_get_their_own(loaded: ModelProcess) -> None:
    """Callers that ask at once are served in turn, and nobody gets another's answer."""
    alone = [await vector(loaded, clip) for clip in (ALLISON, JUNE)]
    together = await asyncio.gather(*(vector(loaded, clip) for clip in (ALLISON, JUNE)))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@model
@one_loop
async def test_answer_of_a_cancelled_caller_is_nobody_elses(loaded: ModelProcess) -> None:
    """A caller whose patience ended leaves an answer behind; the next caller does not get it."""
    expected = await vector(loaded, JUNE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await loaded.embed(LONG.samples)
    assert np.array_equal(await vector(loaded, JUNE), expected)
    assert np.array_equal(await vector(loaded, JUNE), expected)


@model
async def test_killed_process_is_reported(weights: Weights) -> None:
    """A model process that is killed while it works is named as dead, at once and ever after."""
    async with ModelProcess(weights) as process:
        await process.load()
        asking = asyncio.create_task(process.embed(LONG.samples))
        await asyncio.sleep(0)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(WorkerDied, match="the model process ended during 'embed'"):
            await asking
        with pytest.raises(WorkerDied):
            await process.embed(ALLISON.samples)


@model
async def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """Weights that are none are an error that names the folder, and the process lives on."""
    async with ModelProcess(Weights(tmp_path, "pretrained", "")) as process:
        with pytest.raises(NothingMeasured, match=r"has no hyperparams\.yaml") as caught:
            await process.load()
        assert str(tmp_path) in str(caught.value)
        await process.hello()


async def test_unknown_runtime_is_refused() -> None:
    """A mistyped runtime is an error that names the known ones."""
    async with ModelProcess(Weights(Path("nowhere"), "seeded", ""), runtime="speechbrian") as process:
        with pytest.raises(NothingMeasured, match="did you mean 'speechbrain'"):
            await process.load()


async def test_process_says_its_last_words() -> None:
    """Why a process ended is in the error: here, an option that it does not understand."""
    async with ModelProcess(Weights(Path("nowhere"), "seeded", ""), threads=cast_to_int("many")) as process:
        with pytest.raises(WorkerDied, match="invalid int value: 'many'"):
            await process.hello()


def cast_to_int(word: str) -> int:
    """What only an untyped caller can pass."""
    value: object = word
    return value  # type: ignore[return-value]  # the mistake under test


async def test_process_ends_with_its_block() -> None:
    """After the block no process is left, and it takes no more questions."""
    async with ModelProcess(Weights(Path("nowhere"), "seeded", "")) as process:
        await process.hello()
        pid = process.pid
        assert lives(pid)
    assert ends(pid)
    with pytest.raises(WorkerDied, match="the model process is not running"):
        await process.hello()


async def test_process_that_was_not_entered_is_not_running() -> None:
    """Without its block there is no process, and nothing waits for one."""
    process = ModelProcess(Weights(Path("nowhere"), "seeded", ""))
    with pytest.raises(WorkerDied, match="the model process is not running"):
        await process.hello()
    with pytest.raises(WorkerDied):
        _ = process.pid


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system cannot pin a process to a core")
async def test_process_runs_on_the_core_it_was_given() -> None:
    """The tier keeps to its core, so that the client has the other."""
    core = max(os.sched_getaffinity(0))
    async with ModelProcess(Weights(Path("nowhere"), "seeded", ""), core=core) as process:
        await process.hello()
        assert os.sched_getaffinity(process.pid) == {core}


def test_parent_stays_free_of_torch() -> None:
    """Importing the parent's side costs no torch: its memory would be counted in the kernel."""
    source = (
        "import sys, jarvis_bench.ecapa.worker_client, jarvis_bench.ecapa.weights\n"
        "print(sorted({'torch', 'speechbrain', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", source], text=True) == "[]\n"
