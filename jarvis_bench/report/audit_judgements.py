"""How the document's claims about its own audit are judged: by running the code, and by the auditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from jarvis_bench.report.evidence import NO, PARTLY, YES, Evidence, Finding, NoEvidence


def no_other_issues(evidence: Evidence) -> Finding:
    """Faults that v10.6 still has: those that it shows when it runs, those that the auditor finds, and upstream's."""
    found = []
    run = evidence.startup("v10.6", "docker-ready")
    if not run.second_caller.ready:
        found.append("its factory publishes the manager before it is ready")
    if run.error is not None:
        found.append(f"its probe fails with {run.error}")
    counts = _audited(evidence, "v10.6")
    if counts:
        found.append(f"the audit finds {_listed(counts)}")
    upstream = _upstream(evidence)
    missing = _missing_awaits(upstream)
    text = (
        f"In v10.6 {'; '.join(found)}."
        if found
        else "v10.6 showed no further fault, and the audit found none."
    )
    if missing:
        text += f" In the given upstream tree the audit finds {missing} missing awaits."
    return (NO if found or missing else YES), text


def no_coroutine_leaks(evidence: Evidence) -> Finding:
    """Never-awaited warnings of v10.6's start-up, the audit of its code, and that of an upstream tree where given."""
    leaks = [
        line for run in evidence.startups_of("v10.6") for line in run.warnings if "never awaited" in line
    ]
    if leaks:
        return NO, f"v10.6 left {len(leaks)} coroutines un-awaited; the first: {leaks[0]}."
    if left := _audited(evidence, "v10.6")["missing-await"]:
        return NO, f"v10.6's start-ups left none, but the audit finds {left} missing awaits in its code."
    text = "v10.6's start-ups left none, and the audit finds none in its code."
    upstream = _upstream(evidence)
    if upstream is None:
        return PARTLY, f"{text} The rest of the tree was not audited: --set jarvis=PATH names one."
    if missing := _missing_awaits(upstream):
        return NO, f"{text} In the rest of the tree it finds {missing}; the first: {upstream['missing'][0]}."
    return YES, f"{text} Nor in the {upstream['files']:,} files of the given upstream tree."


def sync_factories(evidence: Evidence) -> Finding:
    """How the given tree defines the four factories."""
    upstream = _upstream(evidence)
    if upstream is None:
        raise NoEvidence("no tree of JARVIS was given: --set jarvis=PATH names one")
    factories = upstream["factories"]
    wrong = [one["name"] for one in factories if one["asynchronous"]]
    absent = [one["name"] for one in factories if not one["asynchronous"] and not one["sync"]]
    sync = len(factories) - len(wrong) - len(absent)
    text = f"{sync} of {len(factories)} are defined with def and nowhere with async def."
    if wrong:
        text += f" Async somewhere: {', '.join(wrong)}."
    if absent:
        text += f" Not defined in this tree: {', '.join(absent)}."
    return (YES if sync == len(factories) else PARTLY if sync else NO), text


def line_numbers(evidence: Evidence) -> Finding:
    """What stands in the given tree where the document says that something does."""
    upstream = _upstream(evidence)
    if upstream is None:
        raise NoEvidence("no tree of JARVIS was given: --set jarvis=PATH names one")
    lines = upstream["named_lines"]
    read, right = (sum(line[name] for line in lines) for name in ("read", "holds"))
    if not read:
        raise NoEvidence(f"the given tree has none of the {len(lines)} named lines")
    text = f"{right} of {len(lines)} named lines hold what is said of them."
    if wrong := [line["place"] for line in lines if not line["holds"]]:
        text += f" Not: {', '.join(wrong)}."
    return (YES if right == len(lines) else PARTLY if right else NO), text


def _audited(evidence: Evidence, version: str) -> Counter[str]:
    """The auditor's findings in one version, by rule; none where notebook 03 was not run."""
    try:
        findings = evidence.audit["findings"]
    except NoEvidence:
        return Counter()
    return Counter(str(one["rule"]) for one in findings if one["version"] == version)


def _upstream(evidence: Evidence) -> dict[str, Any] | None:
    try:
        upstream: dict[str, Any] | None = evidence.audit["upstream"]
    except NoEvidence:
        return None
    return upstream


def _missing_awaits(upstream: dict[str, Any] | None) -> int:
    counts = upstream["counts"] if upstream else {}
    return sum(count for rule, count in counts.items() if rule.startswith("missing-await"))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{rule} ({count}×)" if count > 1 else rule for rule, count in counts.items())


AUDIT_JUDGEMENTS: Final[Mapping[str, Callable[[Evidence], Finding]]] = MappingProxyType(
    {
        "no-other-issues": no_other_issues,
        "no-coroutine-leaks": no_coroutine_leaks,
        "sync-factories": sync_factories,
        "line-numbers": line_numbers,
    }
)
