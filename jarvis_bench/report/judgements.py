"""How each claim is judged: evidence in, verdict and finding out. The keys are those of `data/claims.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from jarvis_bench.records import Reproduction
from jarvis_bench.report.audit_judgements import AUDIT_JUDGEMENTS
from jarvis_bench.report.evidence import NO, PARTLY, YES, Evidence, Finding, NoEvidence
from jarvis_bench.report.memory_judgements import MEMORY_JUDGEMENTS
from jarvis_bench.reproduction.reproduce import EXPECTED_ERRORS
from jarvis_bench.reproduction.worlds import Cloud, Engine, find_world

DOCKER_WORLDS: Final = ("docker-not-installed", "docker-stopped", "docker-no-container", "docker-ready")
# A start-up that holds the loop this long delays every other probe noticeably.
BLOCK_S: Final = 0.05


def v10_5_error(evidence: Evidence) -> Finding:
    """The error text, in every world that was run."""
    runs = evidence.startups_of("v10.5")
    same = sum(run.error == EXPECTED_ERRORS["v10.5"] for run in runs)
    text = f"{same} of {len(runs)} start-ups of v10.5 swallowed exactly: {EXPECTED_ERRORS['v10.5']}."
    return (YES if same == len(runs) else NO), text


def coroutine_without_await(evidence: Evidence) -> Finding:
    """The type of an un-awaited call."""
    found = evidence.faults["related"]["call"]["without_await"]
    return (YES if found == "coroutine" else NO), f"Without await, the call gives a {found}."


def v10_5_falls_to_local(evidence: Evidence) -> Finding:
    """Where v10.5 goes with Docker ready, and with Cloud Run ready."""
    docker, cloud = (
        evidence.startup("v10.5", world).decision.tier for world in ("docker-ready", "cloud-ready")
    )
    text = f"With Docker ready, v10.5 chose {docker}; with Cloud Run ready, it chose {cloud}."
    if docker == "local" and cloud == "local":
        return YES, text
    return (PARTLY if docker == "local" else NO), f"{text} So it is not always the local tier."


def v10_5_skips_cloud_run(evidence: Evidence) -> Finding:
    """Whether v10.5 still takes Cloud Run."""
    tier = evidence.startup("v10.5", "cloud-ready").decision.tier
    text = f"With Cloud Run ready, v10.5 chose {tier}"
    return (NO, f"{text}: the probes run at the same time.") if tier == "cloud-run" else (YES, f"{text}.")


def one_word_change(evidence: Evidence) -> Finding:
    """The words that differ."""
    added, removed = evidence.fix["added"], evidence.fix["removed"]
    good = added == ["await"] and not removed
    return (
        YES if good else NO
    ), f"Words added: {', '.join(added) or 'none'}; removed: {', '.join(removed) or 'none'}."


def factory_returns_manager(evidence: Evidence) -> Finding:
    """The type of an awaited call."""
    found = evidence.faults["related"]["call"]["with_await"]
    return (YES if found == "DockerDaemonManager" else NO), f"With await, the call gives a {found}."


def factory_initialises_first(evidence: Evidence) -> Finding:
    """Whether a second caller gets a ready object."""
    runs = evidence.startups_of("v10.6")
    early = sum(not run.second_caller.ready for run in runs)
    text = f"In {early} of {len(runs)} start-ups a second caller got the manager before its health was known."
    return (NO if early else YES), text


def methods_exist(evidence: Evidence) -> Finding:
    """Whether the fixed code's next line works."""
    runs = evidence.startups_of("v10.6")
    missing = [run for run in runs if run.error and "has no attribute" in run.error]
    if not missing:
        return YES, f"None of {len(runs)} start-ups of v10.6 missed a method."
    return NO, f"{len(missing)} of {len(runs)} start-ups of v10.6 ended in: {missing[0].error}."


def docker_probe_succeeds(evidence: Evidence) -> Finding:
    """v10.6 with a healthy container."""
    run = evidence.startup("v10.6", "docker-ready")
    if run.docker.status == "ready":
        return (
            YES,
            f"With a healthy container, v10.6 found Docker {run.docker.status} and chose {run.decision.tier}.",
        )
    repaired = evidence.startup("v10.7", "docker-ready")
    then = f" v10.7 chose {repaired.decision.tier}." if repaired.decision.tier == "docker" else ""
    return NO, f"With a healthy container, v10.6 said “{_line(run)}” and chose {run.decision.tier}.{then}"


def waterfall_order(evidence: Evidence) -> Finding:
    """The three choices of v10.6."""
    wanted = {"docker-ready": "docker", "cloud-ready": "cloud-run", "docker-stopped": "local"}
    chosen = {world: evidence.startup("v10.6", world).decision.tier for world in wanted}
    right = sum(chosen[world] == tier for world, tier in wanted.items())
    text = "; ".join(f"{world}: {tier}" for world, tier in chosen.items())
    verdict = YES if right == len(wanted) else PARTLY if right else NO
    return verdict, f"v10.6 chose {text}. Right in {right} of {len(wanted)}."


def cloud_run_below_docker(evidence: Evidence) -> Finding:
    """What v10.6 takes when its Docker daemon is stopped, with real instances behind an emulated Cloud Run."""
    ran = [
        run for run in evidence.cloud_run_scenarios if run.version == "v10.6" and run.expected and run.was_run
    ]
    if not ran:
        raise NoEvidence("v10.6 was not run with an emulated Cloud Run")
    right = sum(run.as_expected for run in ran)
    told = "; ".join(f"{run.scenario}: {run.chosen or 'no tier'}" for run in ran)
    verdict = YES if right == len(ran) else PARTLY if right else NO
    return verdict, f"With Cloud Run emulated, v10.6 chose {told}. Right in {right} of {len(ran)}."


def scenario_running(evidence: Evidence) -> Finding:
    """The first test scenario."""
    return _scenario(evidence, "docker-ready", "Ready (daemon running, container healthy)", {"docker"})


def scenario_stopped(evidence: Evidence) -> Finding:
    """The second test scenario."""
    return _scenario(evidence, "docker-stopped", "Daemon not running", {"cloud-run", "local"})


def scenario_not_installed(evidence: Evidence) -> Finding:
    """The third test scenario."""
    return _scenario(evidence, "docker-not-installed", "ot installed", {"cloud-run", "local"})


def _scenario(evidence: Evidence, world: str, message: str, tiers: set[str]) -> Finding:
    run = evidence.startup("v10.6", world)
    said, went = message in run.docker.reason, run.decision.tier in tiers
    text = f"v10.6 said “{_line(run)}” and chose {run.decision.tier}."
    if said and went:
        return YES, text
    return (PARTLY if said or went else NO), text + ("" if said else " The expected message did not come.")


def clear_messages(evidence: Evidence) -> Finding:
    """How often v10.6 reports an internal error in place of Docker's state."""
    runs = [evidence.startup("v10.6", world) for world in DOCKER_WORLDS]
    errors = sum(run.error is not None for run in runs)
    text = f"In {errors} of {len(runs)} Docker worlds v10.6 printed an internal error in place of Docker's state."
    return (YES if errors == 0 else NO if errors == len(runs) else PARTLY), text


def quick_check(evidence: Evidence) -> Finding:
    """The longest block of the version whose probe gets that far."""
    return _blocks(evidence, "holds up the whole start-up")


def subprocess_async(evidence: Evidence) -> Finding:
    """The same measurement, asked of the subprocess calls."""
    return _blocks(evidence, "waits in blocking subprocess calls")


def _blocks(evidence: Evidence, what: str) -> Finding:
    run = evidence.startup("v10.7", "docker-hangs")
    ours = evidence.startup("current", "docker-hangs")
    text = (
        f"v10.6's probe ends in an error before it gets that far; v10.7's, where Docker hangs, blocks the event loop "
        f"for {run.longest_block_s:.2f} s (ours: {ours.longest_block_s:.3f} s)"
    )
    return (NO, f"{text}: it {what}.") if run.longest_block_s > BLOCK_S else (YES, f"{text}.")


def auto_start_phase_2(evidence: Evidence) -> Finding:
    """Who tries to start Docker, and whether that is only where Cloud Run cannot serve."""
    worlds = {version: _starting_worlds(evidence, version) for version in ("v10.6", "v10.7")}
    started, known = worlds["v10.6"]
    early = [world for world in started if find_world(world).cloud is Cloud.READY]
    later = "docker-stopped" in started
    text = f"v10.6 tried to start Docker in {len(started)} of {known} worlds"
    if early:
        return NO, f"{text}, also where Cloud Run was ready: {', '.join(early)}."
    if later:
        return YES, f"{text}, and only where Cloud Run was not ready: {', '.join(started)}."
    repaired = ", ".join(worlds["v10.7"][0]) or "none either"
    text += (
        ": probing starts nothing, but where the daemon is stopped and Cloud Run is not there, nothing does"
    )
    return PARTLY, f"{text} (v10.7 tried in: {repaired})."


def _starting_worlds(evidence: Evidence, version: str) -> tuple[list[str], int]:
    """The worlds in which a version tried to start Docker, and in how many that was recorded."""
    recorded = [run for run in evidence.startups_of(version) if run.docker_starts is not None]
    if not recorded:
        raise NoEvidence(f"attempts of {version} to start Docker were not recorded")
    return [run.world for run in recorded if run.docker_starts], len(recorded)


def local_always_works(evidence: Evidence) -> Finding:
    """Whether a local tier is left with little RAM, or without the runtime."""
    chosen = {world: evidence.startup("v10.6", world).decision.tier for world in ("low-ram", "all-down")}
    works = [tier == "local" for tier in chosen.values()]
    text = "; ".join(f"{world}: {tier or 'no tier'}" for world, tier in chosen.items())
    return (YES if all(works) else PARTLY if any(works) else NO), f"v10.6 chose {text}."


def syntax_check(evidence: Evidence) -> Finding:
    """Whether the check tells the broken version from the fixed one."""
    compiles = evidence.fix["compiles"]
    if "v10.6" not in compiles:
        return NO, "v10.6 does not compile."
    before = " So does v10.5: the check cannot see the bug." if "v10.5" in compiles else ""
    return YES, f"v10.6 compiles.{before}"


def vbia_fix(evidence: Evidence) -> Finding:
    """The silent relative: nothing raises, nothing works."""
    adapter = evidence.faults["related"]["adapter"]
    text = (
        f"The layer kept a {adapter['kept_type']}, believes it is ready: {adapter['believes_ready']}, "
        f"verified a speaker: {adapter['verified']}, raised: {adapter['error'] or 'nothing'}."
    )
    silent = adapter["kept_type"] == "coroutine" and adapter["believes_ready"] and not adapter["verified"]
    return (YES, f"{text} The fault is silent.") if silent else (NO, text)


def enum_import(evidence: Evidence) -> Finding:
    """What the missing import raises."""
    error = evidence.faults["related"]["missing_import_error"]
    return (YES if error and "Enum" in error else NO), f"Without the import: {error or 'no error'}."


def chose_unusable_docker(run: Reproduction) -> bool:
    """Whether a start-up took Docker in a world where its container cannot serve; never in `here`."""
    world = find_world(run.world)
    return run.decision.tier == "docker" and not world.is_here and world.engine is not Engine.READY


def missed_ready_tier(run: Reproduction) -> str:
    """The tier that was ready in its world and better than the one it took; empty where there is none."""
    world = find_world(run.world)
    if world.engine is Engine.READY and run.decision.tier != "docker":
        return "Docker"
    if world.cloud is Cloud.READY and run.decision.tier not in {"docker", "cloud-run"}:
        return "Cloud Run"
    return ""


def _line(run: Reproduction) -> str:
    return run.docker.reason.strip()


JUDGEMENTS: Final[Mapping[str, Callable[[Evidence], Finding]]] = MappingProxyType(
    {
        "v10_5-error": v10_5_error,
        "coroutine-without-await": coroutine_without_await,
        "v10_5-falls-to-local": v10_5_falls_to_local,
        "v10_5-skips-cloud-run": v10_5_skips_cloud_run,
        "one-word-change": one_word_change,
        "factory-returns-manager": factory_returns_manager,
        "factory-initialises-first": factory_initialises_first,
        "methods-exist": methods_exist,
        "docker-probe-succeeds": docker_probe_succeeds,
        "waterfall-order": waterfall_order,
        "cloud-run-below-docker": cloud_run_below_docker,
        "scenario-running": scenario_running,
        "scenario-stopped": scenario_stopped,
        "scenario-not-installed": scenario_not_installed,
        "clear-messages": clear_messages,
        "quick-check": quick_check,
        "subprocess-async": subprocess_async,
        "auto-start-phase-2": auto_start_phase_2,
        "local-always-works": local_always_works,
        **MEMORY_JUDGEMENTS,
        "syntax-check": syntax_check,
        **AUDIT_JUDGEMENTS,
        "vbia-fix": vbia_fix,
        "enum-import": enum_import,
    }
)
