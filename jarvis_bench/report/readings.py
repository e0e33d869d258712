"""Sentences and tables made from the numbers, so that they can never disagree with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from jarvis_bench.kit.cloud_run_scenarios import CloudRunScenario
from jarvis_bench.kit.engine_scenarios import EngineScenario
from jarvis_bench.kit.environment import preflight
from jarvis_bench.records import ClaimVerdict, Json, Reproduction
from jarvis_bench.report.display import Link, Reading, Table
from jarvis_bench.report.judgements import BLOCK_S, chose_unusable_docker
from jarvis_bench.report.verdicts import Judged
from jarvis_bench.reproduction.related import FixSize, RelatedFaults


def environment_table(environment: Mapping[str, Json]) -> Table:
    """The machine and its state; the packages have a table of their own."""
    rows = [(_fact(name), _shown(name, value)) for name, value in environment.items() if name != "packages"]
    return Table(pd.DataFrame(rows, columns=["fact", "value"]))


def packages_table(environment: Mapping[str, Json]) -> Table:
    """The versions that the numbers depend on."""
    packages = environment["packages"]
    rows = packages.items() if isinstance(packages, dict) else ()
    return Table(
        pd.DataFrame(
            ((name, version or "not installed") for name, version in rows), columns=["package", "version"]
        )
    )


def preflight_reading(environment: Mapping[str, Json]) -> Reading:
    """Whether anything may disturb what is measured next."""
    found = preflight(environment)
    if found:
        return Reading(f"Before measuring: {'; '.join(found)}.")
    return Reading("Nothing was found that would disturb a measurement.")


def _fact(name: str) -> str:
    """A field's name in words; what is shown in GB is not called bytes."""
    return name.removesuffix("_bytes").replace("_", " ")


def _shown(name: str, value: Json) -> str:
    if name.endswith("_bytes") and isinstance(value, int):
        return f"{value / 1e9:.1f} GB"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return "unknown" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def related_table(related: RelatedFaults) -> Table:
    """The bug in its smallest form and its two relatives, as they were seen when run."""
    call, adapter = related.call, related.adapter
    rows = [
        ("call without await", f"gives a {call.without_await}", "; ".join(call.warnings) or "no warning"),
        ("the same call with await", f"gives a {call.with_await}", "–"),
        (
            "adapter kept without await",
            f"a {adapter.kept_type}; believes it is ready: {adapter.believes_ready}; verified: {adapter.verified}",
            adapter.error or "nothing was raised",
        ),
        ("missing import of Enum", "the module cannot be loaded", related.missing_import_error or "no error"),
    ]
    return Table(pd.DataFrame(rows, columns=["what was run", "what came of it", "error or warning"]))


def reproduction_reading(result: Reproduction) -> Reading:
    """One start-up in a sentence."""
    return Reading(
        f"{result.version} in world {result.world} said “{result.docker.reason}” and chose "
        f"{result.decision.tier or 'no tier'} after {result.seconds:.3f} s."
    )


def fix_reading(fix: FixSize) -> Reading:
    """How large the fix is, and what a syntax check can say about it."""
    return Reading(
        f"Words added from v10.5 to v10.6: {_listed(fix.added)}; removed: {_listed(fix.removed)}. "
        f"A syntax check passes for: {_listed(fix.compiles)}."
    )


def startup_table(results: Sequence[Reproduction]) -> Table:
    """Version × world → chosen tier, error, time to decide, longest block, second caller."""
    return Table(
        pd.DataFrame(
            {
                "world": result.world,
                "version": result.version,
                "chosen tier": result.decision.tier or "none",
                "time to decide [s]": f"{result.seconds:.3f}",
                "longest loop block [s]": f"{result.longest_block_s:.3f}",
                "second caller": "ready" if result.second_caller.ready else "not ready",
                "Docker, as found": result.docker.reason,
                "swallowed error": result.error or "–",
            }
            for result in results
        )
    )


def startup_reading(results: Sequence[Reproduction]) -> Reading:
    """Which versions use a healthy container, and which block the loop."""
    takers = [
        result.version
        for result in results
        if result.world == "docker-ready" and result.decision.tier == "docker"
    ]
    blockers = sorted({result.version for result in results if result.longest_block_s > BLOCK_S})
    fooled = sorted({result.version for result in results if chose_unusable_docker(result)})
    early = sorted({result.version for result in results if not result.second_caller.ready})
    return Reading(
        f"With a healthy container running, Docker was chosen by: {_listed(takers)}. "
        f"The event loop was blocked for more than {BLOCK_S * 1000:.0f} ms by: {_listed(blockers)}. "
        f"Docker was chosen although its container was not usable by: {_listed(fooled)}. "
        f"A second caller got an object that was not ready from: {_listed(early)}."
    )


def decision_times_reading(results: Sequence[Reproduction]) -> Reading:
    """How long v10.7 and this package's own start-up took to decide in the same worlds, and blocked for."""
    by_place = {(result.version, result.world): result for result in results}
    worlds = [world for version, world in by_place if version == "current" and ("v10.7", world) in by_place]
    lines = []
    for world in worlds:
        then, now = by_place["v10.7", world], by_place["current", world]
        lines.append(
            f"{world}: v10.7 decided after {then.seconds:.2f} s (longest block {then.longest_block_s:.2f} s), "
            f"this package after {now.seconds:.2f} s (longest block {now.longest_block_s:.2f} s)."
        )
    return Reading(
        "\n".join(lines) or "v10.7 and this package's own start-up were not both run in any world."
    )


def scenario_reading(results: Sequence[Reproduction]) -> Reading:
    """The three test scenarios of the document, in its fixed version and in the one after it."""
    by_key = {(result.version, result.world): result for result in results}
    parts = [
        f"{world}, {version}: “{result.docker.reason}” → {result.decision.tier or 'no tier'}"
        for world in ("docker-ready", "docker-stopped", "docker-not-installed")
        for version in ("v10.6", "v10.7")
        if (result := by_key.get((version, world)))
    ]
    return Reading("\n".join(parts) or "The scenarios' worlds were not run.")


def engine_scenarios_table(scenarios: Sequence[EngineScenario]) -> Table:
    """What the probe says on this machine's engine, beside the document's words."""
    return Table(
        pd.DataFrame(
            {
                "scenario": found.scenario,
                "the document expects": found.expected,
                "the probe said": found.said,
                "as expected": "yes" if found.as_expected else "no",
            }
            for found in scenarios
        )
    )


def cloud_run_scenarios_table(scenarios: Sequence[CloudRunScenario]) -> Table:
    """What start-ups took below a stopped daemon, and what that woke; every figure says how it was got."""
    return Table(
        pd.DataFrame(
            {
                "Cloud Run": f"{found.scenario}: {found.story}",
                "version": found.version,
                "the document expects": found.expected or "does not say",
                "chosen tier": found.chosen or "none",
                "as expected": "–" if not found.expected else "yes" if found.as_expected else "no",
                "time to decide [s], measured": _number(found.seconds, "3f"),
                f"instances started, {found.how}": _number(found.starts, "0f"),
                f"instance time billed [s], {found.how}": _number(found.billed_s, "1f"),
                "reason": found.reason,
            }
            for found in scenarios
        )
    )


def cloud_run_scenarios_reading(scenarios: Sequence[CloudRunScenario]) -> Reading:
    """How many went as the document says, and what a cold service does to each version."""
    ran = [found for found in scenarios if found.was_run]
    if not ran:
        return Reading("No start-up was run with an emulated Cloud Run.")
    said = [found for found in ran if found.expected]
    right = sum(found.as_expected for found in said)
    lines = [f"As the document expects: {right} of {len(said)} start-ups (Cloud Run emulated)."]
    lines += [
        f"With a cold one, {found.version} chose {found.chosen or 'no tier'} after {_number(found.seconds, '2f')} s; "
        f"instances started meanwhile: {_number(found.starts, '0f')}."
        for found in ran
        if found.scenario == "cold"
    ]
    return Reading("\n".join(lines))


def _number(value: float | None, digits: str) -> str:
    return "–" if value is None else f"{value:.{digits}}"


def claims_table(judged: Sequence[Judged]) -> Table:
    """Every claim of the document as a row."""
    return Table(
        pd.DataFrame(
            {
                "line": claim.line,
                "claim": claim.quote,
                "verdict": item.verdict.value,
                "finding": item.finding,
                "how tested": item.check.how,
                "evidence": _evidence(item),
            }
            for item in judged
            for claim in item.check.claims
        ).sort_values("line", kind="stable")
    )


def _evidence(item: Judged) -> Link | str:
    """The page with the evidence; a run of some notebooks has none for what it did not test."""
    notebook = item.check.notebook
    tested = notebook is not None and item.verdict is not ClaimVerdict.NOT_TESTED
    return Link(str(notebook), f"{notebook}.html") if tested else "–"


def claims_reading(judged: Sequence[Judged]) -> Reading:
    """How many claims got which verdict."""
    counts = pd.Series([item.verdict.value for item in judged for _ in item.check.claims]).value_counts()
    total = int(counts.sum())
    return Reading(f"{total} claims: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
