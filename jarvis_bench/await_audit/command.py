"""One run of the auditor as the command line asks for it: audit, ignore, compare, fix, write, exit code."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from jarvis_bench.await_audit.audit import audit
from jarvis_bench.await_audit.baseline import read_baseline, split_known, write_baseline
from jarvis_bench.await_audit.explain import page
from jarvis_bench.await_audit.failures import AuditUsageError
from jarvis_bench.await_audit.fixes import apply_fixes, diff
from jarvis_bench.await_audit.github_report import as_github
from jarvis_bench.await_audit.ignores import IgnoreComment, ignore_comments, split_ignored, unused_ignores
from jarvis_bench.await_audit.json_report import as_json
from jarvis_bench.await_audit.records import AuditResult, Finding
from jarvis_bench.await_audit.report import UNUSED_IGNORE, AuditReport, Insertion, Stats, many
from jarvis_bench.await_audit.request import AuditRequest, Plan, make_plan
from jarvis_bench.await_audit.sarif_report import as_sarif
from jarvis_bench.await_audit.text_report import as_text, summary_of

OK, FOUND, USAGE, NOTHING_READ, INTERRUPTED = 0, 1, 2, 4, 130
PROGRAM = "jarvis-bench audit"


def run(request: AuditRequest, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Carry out a request and say what came of it.

    Returns:
        0 no finding, 1 findings, 2 a wrong request, 4 nothing could be read, 130 interrupted. Files that cannot be
        audited are named; they alone are no finding.
    """
    out, err = out or sys.stdout, err or sys.stderr
    try:
        report = perform(request)
    except AuditUsageError as exc:
        _write(err, f"{PROGRAM}: {exc}")
        return USAGE
    except KeyboardInterrupt:
        _write(err, f"{PROGRAM}: interrupted")
        return INTERRUPTED
    _tell(request, report, out, err)
    if report.stats.files_reported == 0 and (report.problems or not _all_files(request.paths)):
        _write(err, f"{PROGRAM}: {_nothing(request, report)}")
        return NOTHING_READ
    return FOUND if report.findings and not request.write_baseline else OK


def explain(rule: str, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Print the page of a rule; returns 0, or 2 where there is no such rule."""
    try:
        _write(out or sys.stdout, page(rule).rstrip("\n"))
    except AuditUsageError as exc:
        _write(err or sys.stderr, f"{PROGRAM}: {exc}")
        return USAGE
    return OK


def perform(request: AuditRequest) -> AuditReport:
    """Audit, fix where that was asked for, and gather what is to be told.

    Raises:
        AuditUsageError: the request cannot be carried out as it stands.
    """
    plan = make_plan(request)
    started = time.perf_counter()
    paths = request.paths or (Path(),)
    report, shown = _audited(plan, paths, started)
    if request.write_baseline:
        write_baseline(request.write_baseline, report.findings)
    if request.diff:
        return dataclasses.replace(report, diff=diff(shown, likely=request.fix_likely))
    if not (request.fix or request.fix_likely):
        return report
    try:
        fixed = apply_fixes(shown, likely=request.fix_likely)
    except OSError as exc:
        raise AuditUsageError(f"cannot write the fix to {exc.filename}: {exc.strerror}") from exc
    if fixed:
        report, _ = _audited(plan, paths, started)
    return dataclasses.replace(report, fixed=fixed)


def _audited(plan: Plan, paths: Sequence[Path], started: float) -> tuple[AuditReport, AuditResult]:
    """The report, and the result with only those findings that may be fixed."""
    result = audit(paths, plan.options)
    comments = _comments(result)
    shown, silent, used = split_ignored(result.findings, comments)
    if UNUSED_IGNORE in plan.rules:
        shown += unused_ignores(comments, used, plan.rules)
    known: list[Finding] = []
    outdated = 0
    if plan.baseline is not None:
        shown, known, outdated = split_known(shown, read_baseline(plan.baseline), plan.baseline.parent)
    shown.sort(key=lambda one: (one.path, one.line, one.column))
    stats = Stats(
        files_read=result.files_read,
        files_reported=result.files_reported,
        files_from_cache=result.files_from_cache,
        lines_read=result.lines_read,
        seconds=time.perf_counter() - started,
    )
    report = AuditReport(
        tuple(shown), result.problems, stats, _insertions(shown), len(silent), len(known), outdated
    )
    return report, dataclasses.replace(result, findings=tuple(shown))


def _comments(result: AuditResult) -> list[IgnoreComment]:
    """The comments of all files that were audited."""
    return [comment for path in result.reported for comment in ignore_comments(path, path.read_bytes())]


def _insertions(findings: Sequence[Finding]) -> dict[Finding, tuple[Insertion, ...]]:
    """Where the edits of applicable fixes go, by line and column."""
    contents: dict[Path, bytes] = {}
    found = {}
    for finding in findings:
        if finding.fix.applicable:
            if finding.path not in contents:
                contents[finding.path] = finding.path.read_bytes()
            content = contents[finding.path]
            found[finding] = tuple(
                _place(content, edit.offset_bytes, edit.text) for edit in finding.fix.edits
            )
    return found


def _place(content: bytes, offset: int, text: str) -> Insertion:
    """Columns count characters; a file in another encoding than UTF-8 has them right where bytes are characters."""
    before = content[:offset]
    line = before.count(b"\n") + 1
    last = before[before.rfind(b"\n") + 1 :].removeprefix(b"\xef\xbb\xbf")
    return Insertion(line, len(last.decode("utf-8", "replace")) + 1, text)


def _all_files(paths: Sequence[Path]) -> bool:
    return bool(paths) and all(path.is_file() for path in paths)


def _nothing(request: AuditRequest, report: AuditReport) -> str:
    if report.problems:
        return f"none of {many(len(report.problems), 'file')} could be audited"
    where = ", ".join(str(path) for path in request.paths) or str(Path.cwd())
    excluded = ", ".join(make_plan(request).options.exclude)
    why = f" that is not excluded ({excluded})" if excluded else ""
    return f"no Python file in {where}{why}: name a file or folder that has some"


def _tell(request: AuditRequest, report: AuditReport, out: TextIO, err: TextIO) -> None:
    """The report in its format on `out`; where that leaves no room for it, the summary on `err`."""
    if request.format == "json":
        _write(out, as_json(report))
    elif request.format == "sarif":
        _write(out, as_sarif(report))
    elif request.format == "github":
        _write(out, as_github(report))
        _write(err, summary_of(report, stats=request.stats))
    elif request.diff:
        _write(out, report.diff.rstrip("\n"))
        _write(err, summary_of(report, stats=request.stats))
    else:
        _write(out, as_text(report, stats=request.stats))
    if request.write_baseline:
        _write(err, f"{many(len(report.findings), 'finding')} kept as known in {request.write_baseline}")


def _write(stream: TextIO, text: str) -> None:
    """A line of text, whatever the stream can encode."""
    if not text:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
