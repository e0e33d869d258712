"""What a run has left behind, as judgements ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jarvis_bench.kit.cloud_run_scenarios import CloudRunScenario
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import client_ticks, latency_rows, memory_rows, plain_rows, reproductions
from jarvis_bench.prober.facts import facts_from_fields
from jarvis_bench.prober.load_report import LoadReport, reports
from jarvis_bench.records import ClaimVerdict, MemoryRow, Reproduction, Status, TierStatus

Finding = tuple[ClaimVerdict, str]
YES, NO, PARTLY = ClaimVerdict.REPRODUCED, ClaimVerdict.REFUTED, ClaimVerdict.PARTLY

REPRODUCTIONS = "reproductions.parquet"
CLOUD_RUN_SCENARIOS = "cloud_run_scenarios.parquet"
FAULTS = "missing_await.json"
FIX = "fix.json"
LATENCY = "latency.parquet"
LATENCY_TICKS = "latency_ticks.parquet"
LATENCY_FACTS = "latency.json"
MEMORY = "memory.parquet"
TIMELINE = "memory_timeline.parquet"
MEMORY_FACTS = "memory.json"
ENVIRONMENT = "environment.json"
AUDIT = "await_audit.json"


class NoEvidence(Exception):
    """This run has not measured what a judgement needs; the text says what is missing."""


@dataclass(frozen=True)
class Evidence:
    """The results of one run, read when first asked for.

    Raises, from every property:
        NoEvidence: the file is not there or cannot be read.
    """

    folder: RunFolder

    @cached_property
    def reproductions(self) -> dict[tuple[str, str], Reproduction]:
        """Each start-up by version and world."""
        results = reproductions(self._table(REPRODUCTIONS))
        return {(result.version, result.world): result for result in results}

    def startup(self, version: str, world: str) -> Reproduction:
        """One start-up."""
        try:
            return self.reproductions[version, world]
        except KeyError:
            raise NoEvidence(f"{version} was not run in world {world}") from None

    def startups_of(self, version: str) -> list[Reproduction]:
        """Every start-up of one version."""
        runs = [run for run in self.reproductions.values() if run.version == version]
        if not runs:
            raise NoEvidence(f"{version} was not run")
        return runs

    @cached_property
    def cloud_run_scenarios(self) -> list[CloudRunScenario]:
        """The start-ups with an emulated Cloud Run."""
        return [CloudRunScenario(**row) for row in plain_rows(self._table(CLOUD_RUN_SCENARIOS))]

    @cached_property
    def faults(self) -> dict[str, Any]:
        """The bug in its smallest form and its relatives."""
        return self._json(FAULTS)

    @cached_property
    def fix(self) -> dict[str, Any]:
        """The size of the fix."""
        return self._json(FIX)

    @cached_property
    def latency(self) -> tuple[LoadReport, ...]:
        """One report for each tier, clip length and load."""
        rows, ticks = latency_rows(self._table(LATENCY)), client_ticks(self._table(LATENCY_TICKS))
        facts = [facts_from_fields(fields) for fields in self._json(LATENCY_FACTS)["runs"]]
        return reports(facts, rows, ticks)

    @cached_property
    def skipped(self) -> tuple[TierStatus, ...]:
        """Tiers whose latency could not be measured, and why."""
        found = self._json(LATENCY_FACTS).get("skipped", [])
        return tuple(TierStatus(**{**fields, "status": Status(fields["status"])}) for fields in found)

    @cached_property
    def memory(self) -> list[MemoryRow]:
        """The readings at the end of each phase."""
        return memory_rows(self._table(MEMORY))

    def bytes_at(
        self,
        phase: str,
        metric: str,
        *,
        tier: str = "local",
        runtime: str = "speechbrain",
        of: str = "server",
    ) -> int:
        """One reading of the usual walk."""
        wanted = (tier, runtime, of, "usual", phase, metric)
        for row in self.memory:
            if (row.tier, row.runtime, row.of, row.condition, row.phase, row.metric) == wanted:
                if row.bytes is None:
                    raise NoEvidence(f"{metric} of the {tier} tier, phase {phase!r}: {row.note}")
                return row.bytes
        raise NoEvidence(f"no {metric} of the {tier} tier with {runtime}, phase {phase!r}, in {MEMORY}")

    @cached_property
    def audit(self) -> dict[str, Any]:
        """What the auditor found in the exhibit, and in an upstream tree where one was given."""
        return self._json(AUDIT)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """The machine and its versions."""
        return self._json(ENVIRONMENT)

    @cached_property
    def weights(self) -> str:
        """The note on the weights, from whichever measurement was made."""
        for name in (LATENCY_FACTS, MEMORY_FACTS):
            if self.folder.has(name):
                return str(self._json(name)["weights"])
        raise NoEvidence("no measurement was made")

    def _table(self, name: str) -> Any:
        if not self.folder.has(name):
            raise NoEvidence(f"this run has no {name}")
        try:
            return self.folder.read_table(name)
        except (OSError, ValueError) as exc:
            raise NoEvidence(f"{name} cannot be read: {exc}") from exc

    def _json(self, name: str) -> dict[str, Any]:
        if not self.folder.has(name):
            raise NoEvidence(f"this run has no {name}")
        try:
            value = self.folder.read_json(name)
        except (OSError, ValueError) as exc:
            raise NoEvidence(f"{name} cannot be read: {exc}") from exc
        if not isinstance(value, dict):
            raise NoEvidence(f"{name} holds no object")
        return value
