"""`make bench-audit`: the auditor on real projects, on real code with awaits taken away, and on a large tree.

    python -m tests.await_audit.bench_audit [clean] [deleted] [speed] [--count 500] [--seed 1] [--show]

Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from jarvis_bench.await_audit.audit import audit
from jarvis_bench.await_audit.records import AuditOptions, AuditResult, Finding

from .audit_speed import measure_speed
from .clean_ground import FOLDER, PACKAGES, fetch
from .deleted_awaits import KINDS, Place, Trial, awaited_calls, choose, rounds, try_places

FOUND_GOAL = 0.80
CERTAIN_GOAL = 0.50
SILENT_GOAL = 0.98
LINES_A_WRONG_CERTAIN = 50_000
LINES_A_WRONG_LIKELY = 2_000
PARTS = ("clean", "deleted", "speed")


def say(text: str = "") -> None:
    """A line at once, so that it can be followed in a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def auditing(top: Path, cache: Path) -> Callable[[], AuditResult]:
    """An audit of one package, with summaries of files kept between calls."""
    options = AuditOptions(root=top.parent, rules=("missing-await",), cache_dir=cache)
    return lambda: audit([top], options)


def clean(cache: Path, *, show: bool) -> bool:
    """Findings on releases as they are: nearly all are false alarms."""
    say("clean ground: findings of missing-await on releases as they are")
    say(f"{'package':22}{'files':>7}{'lines':>10}{'certain':>9}{'likely':>8}{'seconds':>9}")
    total: Counter[str] = Counter()
    told: list[Finding] = []
    for package in PACKAGES:
        top = fetch(package)
        started = time.perf_counter()
        result = auditing(top, cache)()
        seconds = time.perf_counter() - started
        grades: Counter[str] = Counter(finding.grade for finding in result.findings)
        total += grades + Counter(lines=result.lines_read)
        told += result.findings
        say(
            f"{package.name:22}{result.files_read:>7,}{result.lines_read:>10,}{grades['certain']:>9}"
            f"{grades['likely']:>8}{seconds:>9.2f}"
        )
        for problem in result.problems:
            say(f"  not audited: {problem.path.relative_to(FOLDER)}: {problem.reason}")
    lines = total["lines"]
    allowed = {"certain": lines // LINES_A_WRONG_CERTAIN, "likely": lines // LINES_A_WRONG_LIKELY}
    for grade, most in allowed.items():
        verdict = "met" if total[grade] <= most else "MISSED, if all of them are wrong"
        per_1000 = total[grade] / max(1, lines) * 1000
        say(
            f"{grade}: {total[grade]} in {lines:,} lines ({per_1000:.3f} a 1,000 lines), at most {most}: {verdict}"
        )
    for finding in told if show else ():
        say(
            f"  {finding.path.relative_to(FOLDER)}:{finding.line}:{finding.column} {finding.grade}: {finding.message}"
        )
        say(f"      {finding.source.strip()[:140]}\n      {finding.evidence}")
    return all(total[grade] <= most for grade, most in allowed.items())


def copy_of(top: Path, folder: Path) -> Path:
    """A copy that may be spoilt; an interrupted run must not leave the ground unclean."""
    project = Path(shutil.copytree(top.parent, folder / "spoilt" / top.parent.name))
    return project / top.name


def deleted(cache: Path, count: int, seed: int, *, show: bool) -> bool:
    """One `await` taken away at a time and place: how many are found, by kind and grade."""
    say(f"\ndeleted awaits: {count}, seed {seed}, as many of each kind")
    tops = {package.name: copy_of(fetch(package), cache) for package in PACKAGES}
    places = {
        name: [place for path in sorted(top.rglob("*.py")) for place in awaited_calls(path)]
        for name, top in tops.items()
    }
    trials: list[Trial] = []
    for name, chosen in choose(places, count, seed).items():
        run = auditing(tops[name], cache)
        unspoilt = run()
        started = time.perf_counter()
        tried = [
            trial
            for few in rounds(chosen, unspoilt.lines_read)
            for trial in try_places(few, run, unspoilt.findings)
        ]
        hits = sum(trial.finding is not None for trial in tried)
        say(f"{name:22}{hits:>4} of {len(tried):<4}{time.perf_counter() - started:>7.1f} s")
        trials += tried
    return judge_trials(trials, show=show)


def judge_trials(trials: Sequence[Trial], *, show: bool) -> bool:
    """The table by kind, and whether every kind reaches the goal."""
    say(f"{'kind':14}{'tried':>7}{'found':>7}{'share':>8}{'certain':>9}")
    good = True
    for kind in (*KINDS, "all"):
        of_kind = [trial for trial in trials if kind in {"all", trial.place.kind}]
        hits = [trial.finding for trial in of_kind if trial.finding is not None]
        certain = sum(finding.grade == "certain" for finding in hits)
        share = len(hits) / max(1, len(of_kind))
        good &= share >= FOUND_GOAL
        sure = f"{certain / len(hits):.0%}" if hits else "-"
        say(f"{kind:14}{len(of_kind):>7}{len(hits):>7}{share:>8.1%}{sure:>9}")
    say(f"goal: at least {FOUND_GOAL:.0%} of each kind: {'met' if good else 'MISSED'}")
    hits = [trial.finding for trial in trials if trial.finding is not None]
    for what, share, goal in (
        ("certain among those found", _share(finding.grade == "certain" for finding in hits), CERTAIN_GOAL),
        ("silent with the await in its place", _share(trial.silent for trial in trials), SILENT_GOAL),
    ):
        good &= share >= goal
        say(f"{what}: {share:.1%}, at least {goal:.0%}: {'met' if share >= goal else 'MISSED'}")
    for trial in trials if show else ():
        if trial.finding is None:
            say(f"  missed {trial.place.kind:11}{_place(trial.place)}  {trial.place.text}")
    return good


def _share(good: Iterable[bool]) -> float:
    told = list(good)
    return sum(told) / max(1, len(told))


def _place(place: Place) -> str:
    parts = place.path.parts
    return f"{Path(*parts[parts.index('spoilt') + 1 :])}:{place.line}"


def main() -> int:
    """Run the parts that were asked for, by default all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), default=[], help="default: all")
    parser.add_argument("--count", type=int, default=500, help="awaits to delete")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--show", action="store_true", help="list findings on clean ground and missed deletions"
    )
    given = parser.parse_args()
    parts = given.parts or PARTS
    good = True
    with tempfile.TemporaryDirectory() as cache:
        folder = Path(cache).resolve()
        if "clean" in parts:
            good &= clean(folder, show=given.show)
        if "deleted" in parts:
            good &= deleted(folder, given.count, given.seed, show=given.show)
    if "speed" in parts:
        good &= measure_speed(say)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
