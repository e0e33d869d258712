"""The state machine of one tier, signal by signal, on a clock that stands until it is moved."""

from __future__ import annotations

import pytest

from jarvis_bench.records import Status, TierStatus
from jarvis_bench.selection.circuit import Circuit, State
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import Sighting

BROKEN, BUSY, STARTING = Status.BROKEN, Status.BUSY, Status.STARTING
RULES = Rules()


class Tried:
    """A circuit with its clock, and short words for what happens to it."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.circuit = Circuit("docker", "Docker", RULES, lambda: self.now_s)
        self.circuit.admit(self.said(Status.READY, "ok"), None, 1.0)
        self.wait(RULES.settled_s)
        for _ in range(20):
            self.answers(0.05)
            self.wait(0.1)

    def said(self, status: Status, cause: str) -> TierStatus:
        return TierStatus("docker", status, cause, f"Docker: {cause}")

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def answers(self, latency_s: float) -> None:
        self.circuit.succeeded(latency_s, 1.0, self.circuit.epoch)

    def fails(self, status: Status, cause: str, retry_after_s: float | None = None) -> None:
        self.circuit.failed(self.said(status, cause), retry_after_s, self.circuit.epoch)

    def probes(self, status: Status, cause: str) -> None:
        self.circuit.note_probe(self.said(status, cause))

    def passes_trial(self, latency_s: float = 0.05) -> None:
        assert self.circuit.trial_due()
        self.circuit.note_trial(Sighting(latency_s), 1.0)

    def fails_trial(self) -> None:
        assert self.circuit.trial_due()
        self.circuit.note_trial(Sighting(2.0, self.said(BROKEN, "timeout")), 1.0)

    def dies_and_seems_back(self) -> None:
        self.fails(BROKEN, "unreachable")
        self.probes(Status.READY, "ok")

    def returns(self) -> None:
        self.wait(self.circuit.not_before_s - self.now_s)
        for _ in range(6):
            self.passes_trial()
            self.wait(2.0)
        assert self.circuit.state is State.CLOSED


@pytest.fixture
def tried() -> Tried:
    """A tier that has served well for a while."""
    return Tried()


@pytest.mark.parametrize("cause", ["unreachable", "container-died", "connection-refused"])
def test_a_dead_tier_is_left_at_once(tried: Tried, cause: str) -> None:
    tried.fails(BROKEN, cause)
    assert tried.circuit.state is State.OPEN
    assert tried.circuit.status.cause == cause


@pytest.mark.parametrize("cause", ["timeout", "http-500", "connection-lost", "wrong-embedding"])
def test_other_faults_need_two_in_a_row(tried: Tried, cause: str) -> None:
    tried.fails(BROKEN, cause)
    tried.answers(0.05)
    tried.fails(BROKEN, cause)
    assert tried.circuit.usable()
    tried.fails(BROKEN, cause)
    assert tried.circuit.state is State.OPEN


def test_answers_three_times_as_slow_as_usual(tried: Tried) -> None:
    """Not a burst of slow answers, but when most of the last six seconds' are; small excesses count for nothing."""
    for latency_s in (*[0.14] * 10, *[0.05] * 50):
        tried.answers(latency_s)
        tried.wait(0.1)
    for _ in range(29):
        tried.answers(0.4)
        tried.wait(0.1)
        assert tried.circuit.usable()
    began_s = tried.now_s
    while tried.circuit.usable():
        tried.answers(0.4)
        tried.wait(0.1)
    assert tried.now_s - began_s < 0.5
    assert tried.circuit.state is State.OPEN
    assert tried.circuit.status.cause == "slow"
    assert "0.40 s for an answer, 0.05 s when it is well" in tried.circuit.status.reason


def test_patience_is_a_multiple_of_the_healthy_median(tried: Tried) -> None:
    assert tried.circuit.patience_s(1.0) == RULES.patience_floor_s
    assert tried.circuit.patience_s(10.0) == RULES.patience_s + 0.25 * 9
    for _ in range(6):
        tried.circuit.succeeded(0.5, 10.0, tried.circuit.epoch)
    assert tried.circuit.patience_s(10.0) == 4.0


def test_few_answers_shorten_patience_and_none_do_not(tried: Tried) -> None:
    """A tier that has just taken over is not waited for longer than one that is known."""
    rules = RULES
    assert tried.circuit.patience_s(3.0) == rules.patience_s + 0.5
    tried.circuit.succeeded(0.05, 3.0, tried.circuit.epoch)
    assert tried.circuit.patience_s(3.0) == rules.patience_floor_s
    tried.circuit.succeeded(0.2, 3.0, tried.circuit.epoch)
    assert tried.circuit.patience_s(3.0) == pytest.approx(1.6)
    tried.circuit.succeeded(0.9, 3.0, tried.circuit.epoch)
    assert tried.circuit.patience_s(3.0) == rules.patience_s + 0.5


def test_what_was_sent_before_it_was_left_says_nothing_after_that(tried: Tried) -> None:
    epoch = tried.circuit.epoch
    tried.dies_and_seems_back()
    tried.returns()
    for _ in range(9):
        tried.circuit.failed(tried.said(BROKEN, "unreachable"), None, epoch)
    assert tried.circuit.usable()


def test_it_returns_after_good_trials_over_ten_seconds(tried: Tried) -> None:
    tried.dies_and_seems_back()
    assert not tried.circuit.trial_due()
    tried.wait(RULES.back_off_s)
    for second in range(0, 10, 2):
        tried.passes_trial()
        assert tried.circuit.state is State.HALF_OPEN, second
        assert not tried.circuit.usable()
        tried.wait(2.0)
    tried.passes_trial()
    assert tried.circuit.usable()


def test_three_quick_trials_are_not_enough_nor_are_two_slow_ones(tried: Tried) -> None:
    tried.dies_and_seems_back()
    tried.wait(RULES.back_off_s)
    for _ in range(5):
        tried.passes_trial()
    assert tried.circuit.state is State.HALF_OPEN
    tried.fails_trial()
    tried.wait(2 * RULES.back_off_s)
    tried.passes_trial()
    tried.wait(10.0)
    tried.passes_trial()
    assert tried.circuit.state is State.HALF_OPEN


def test_slow_trials_do_not_bring_it_back(tried: Tried) -> None:
    tried.dies_and_seems_back()
    tried.wait(RULES.back_off_s)
    for _ in range(6):
        tried.passes_trial(0.2)
        tried.wait(2.0)
    assert tried.circuit.state is State.OPEN
    assert tried.circuit.status.cause == "slow"


def test_the_back_off_doubles_up_to_two_minutes_and_begins_anew_when_settled(tried: Tried) -> None:
    tried.dies_and_seems_back()
    waits = []
    for _ in range(5):
        waits.append(tried.circuit.not_before_s - tried.now_s)
        tried.wait(waits[-1])
        tried.fails_trial()
    assert [round(wait_s) for wait_s in waits] == [15, 30, 60, 120, 120]
    tried.returns()
    tried.dies_and_seems_back()
    assert tried.circuit.not_before_s - tried.now_s == 120
    tried.returns()
    tried.wait(RULES.settled_s)
    tried.dies_and_seems_back()
    assert tried.circuit.not_before_s - tried.now_s == 15


@pytest.mark.parametrize(("said_s", "waits_s"), [(7.0, 7.0), (None, 1.0)])
def test_busy_is_until_and_not_dead(tried: Tried, said_s: float | None, waits_s: float) -> None:
    """It comes back by itself, without a trial; a Retry-After is kept to."""
    tried.fails(BUSY, "rate-exceeded", said_s)
    assert (tried.circuit.state, tried.circuit.usable()) == (State.CLOSED, False)
    assert tried.circuit.status.status is BUSY
    assert tried.circuit.askable() is (said_s is None)
    tried.wait(waits_s)
    assert tried.circuit.usable()


def test_who_is_busy_again_and_again_is_left_alone_for_longer(tried: Tried) -> None:
    waits = []
    for _ in range(6):
        tried.fails(BUSY, "rate-exceeded")
        waits.append(tried.circuit.busy_until_s - tried.now_s)
        tried.wait(waits[-1])
    assert [round(wait_s) for wait_s in waits] == [1, 2, 4, 8, 16, 30]


def test_misconfigured_is_neither_dead_nor_hidden(tried: Tried) -> None:
    tried.fails(Status.MISCONFIGURED, "forbidden")
    assert tried.circuit.state is State.OPEN
    assert (tried.circuit.status.status, tried.circuit.status.cause) == (Status.MISCONFIGURED, "forbidden")


def test_one_that_starts_is_taken_back_when_seen_ready_once(tried: Tried) -> None:
    tried.fails(STARTING, "not-ready", 5.0)
    assert tried.circuit.state is State.OPEN
    tried.wait(5.0)
    tried.probes(Status.READY, "ok")
    tried.passes_trial()
    assert tried.circuit.usable()


def test_one_that_says_starting_and_then_dies_is_dead(tried: Tried) -> None:
    """As a service does that is shut down."""
    tried.fails(STARTING, "draining", 1.0)
    tried.probes(BROKEN, "unreachable")
    tried.probes(Status.READY, "ok")
    assert not tried.circuit.trial_due()
    tried.wait(RULES.back_off_s)
    tried.passes_trial()
    assert tried.circuit.state is State.HALF_OPEN


@pytest.mark.parametrize(("status", "cause"), [(BROKEN, "no-answer"), (BUSY, "no-embedding")])
def test_requests_count_for_more_than_probes(tried: Tried, status: Status, cause: str) -> None:
    """A stuck engine or a full queue does not take away a container that serves; bad probes of a silent tier do."""
    for _ in range(5):
        tried.probes(status, cause)
        tried.answers(0.05)
    assert tried.circuit.usable()
    tried.wait(60.0)
    tried.probes(BROKEN, "no-answer")
    assert tried.circuit.usable()
    tried.probes(BROKEN, "no-answer")
    assert not tried.circuit.usable()


def test_an_event_of_the_engine_counts_at_once(tried: Tried) -> None:
    tried.circuit.note_event(tried.said(Status.STOPPED, "container-died"))
    assert tried.circuit.state is State.OPEN


def test_requests_in_need_are_evidence_too(tried: Tried) -> None:
    """Where every tier was left and this one answers again, it is taken back by that."""
    tried.dies_and_seems_back()
    for _ in range(3):
        tried.answers(0.05)
        tried.wait(5.0)
    assert tried.circuit.usable()
