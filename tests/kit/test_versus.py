"""A session: what is asked in which order, and what a block comes to."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.errors import UsageError
from jarvis_bench.kit import versus
from jarvis_bench.kit.arms import Embed, ReadyArm, parse_arm
from jarvis_bench.kit.versus import (
    AGAIN,
    A,
    B,
    Cell,
    Session,
    VersusRow,
    block_ratios,
    check_versus,
    measure_versus,
    process_medians,
)
from jarvis_bench.settings import Settings

SETTINGS = Settings(weights="seeded")
CELL = Cell(processes=7, requests=3, warmup=1)


class ScriptedArms:
    """Stands in for model processes: each request of an arm takes its time on a clock that nobody waits for."""

    def __init__(self) -> None:
        self.now_ns, self.open, self.opened, self.most = 0, 0, 0, 0

    def clock_ns(self) -> int:
        """The time that the requests have taken together."""
        return self.now_ns

    @contextlib.asynccontextmanager
    async def open_arm(self, ready: ReadyArm, core: int | None) -> AsyncIterator[Embed]:
        """A process that answers in 10 ms, and later by its arm's slowdown."""
        self.opened, self.open = self.opened + 1, self.open + 1
        self.most = max(self.most, self.open)

        async def embed(clip: Clip) -> float:
            self.now_ns += round(10_000_000 * (1 + ready.arm.slowdown))
            return 0.009

        yield embed
        self.open -= 1


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedArms:
    """No process is started, no model is made."""

    async def prepare(arm: object, *_: object) -> ReadyArm:
        return ReadyArm(arm)  # type: ignore[arg-type]  # the arm that is given

    made = ScriptedArms()
    monkeypatch.setattr(versus, "open_arm", made.open_arm)
    monkeypatch.setattr(versus, "prepare_arm", prepare)
    return made


async def session(scripted: ScriptedArms, cell: Cell = CELL, b: str = "local,slowdown=0.1") -> Session:
    """One comparison of scripted arms."""
    arms = parse_arm("local", SETTINGS), parse_arm(b, SETTINGS)
    return await measure_versus(*arms, cell, SETTINGS, lambda _: None, clock_ns=scripted.clock_ns)


async def test_every_arm_gets_the_same_clips_in_every_block(scripted: ScriptedArms) -> None:
    """And each round asks all three."""
    rows = (await session(scripted)).rows
    asked = Counter((row.block, row.index, row.clip) for row in rows)
    assert set(asked.values()) == {3}
    assert Counter(row.arm for row in rows) == {A: 28, B: 28, AGAIN: 28}
    assert sum(row.warmup for row in rows) == 21


async def test_every_block_has_fresh_processes_that_end_with_it(scripted: ScriptedArms) -> None:
    """Three at a time, 21 in all."""
    await session(scripted)
    assert (scripted.opened, scripted.most, scripted.open) == (21, 3, 0)


async def test_the_order_is_random_but_the_seeds_own(scripted: ScriptedArms) -> None:
    """The same again with the same seed; no arm always goes first."""
    first = [row.arm for row in (await session(scripted)).rows]
    again = [row.arm for row in (await session(scripted)).rows]
    other = [
        row.arm for row in (await session(scripted, Cell(processes=7, requests=3, warmup=1, seed=2))).rows
    ]
    assert first == again != other
    assert set(first[::3]) == {A, B, AGAIN}


async def test_medians_and_ratios_are_in_the_order_of_the_blocks(scripted: ScriptedArms) -> None:
    """10 ms, and 11 with the slowdown; the two A agree."""
    rows = (await session(scripted)).rows
    assert process_medians(rows, A) == pytest.approx([0.010] * 7)
    assert process_medians(rows, B) == pytest.approx([0.011] * 7)
    assert block_ratios(rows, B, (A, AGAIN)) == pytest.approx([1.1] * 7)
    assert block_ratios(rows, AGAIN, (A,)) == pytest.approx([1.0] * 7)


def test_a_drift_that_hits_all_arms_of_a_round_cancels() -> None:
    """Rounds of 10, 20 and 40 ms: B is a tenth slower in each."""
    rows = [
        VersusRow(arm, 0, index, False, "clip", 0, round(ms * share * 1e6), None)
        for index, ms in enumerate((10, 20, 40))
        for arm, share in ((A, 1.0), (B, 1.1), (AGAIN, 1.0))
    ]
    assert block_ratios(rows, B, (A, AGAIN)) == pytest.approx([1.1])


@pytest.mark.parametrize("wrong", [{"processes": 6}, {"requests": 0}, {"warmup": -1}])
def test_a_cell_that_proves_nothing_is_refused(wrong: dict[str, int]) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError):
        Cell(**wrong)


@pytest.mark.parametrize(
    ("b", "clip_s", "said"), [("no-such-commit", 1.0, "no commit"), ("local", 2.5, "2.5 s")]
)
async def test_what_is_not_there_is_told_first(b: str, clip_s: float, said: str) -> None:
    """A commit, or clips of that length."""
    with pytest.raises(UsageError, match=said):
        await check_versus((parse_arm(b, SETTINGS),), Cell(clip_s=clip_s), SETTINGS)
