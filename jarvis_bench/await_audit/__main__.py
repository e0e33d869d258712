"""`python -m jarvis_bench.await_audit PATH…`: the auditor with nothing but the standard library."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from jarvis_bench.await_audit.command import PROGRAM, explain, run
from jarvis_bench.await_audit.report import KNOWN_RULES
from jarvis_bench.await_audit.request import FORMATS, AuditRequest, split_names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with these arguments, by default the process's; returns the exit code."""
    given = _parser().parse_args(arguments)
    if given.explain is not None:
        return explain(given.explain)
    request = AuditRequest(
        paths=tuple(given.paths),
        format="json" if given.json else given.format,
        select=split_names(given.select),
        ignore=split_names(given.ignore),
        exclude=tuple(given.exclude or ()),
        fix=given.fix,
        fix_likely=given.fix_likely,
        diff=given.diff,
        baseline=given.baseline,
        write_baseline=given.write_baseline,
        python=given.python,
        jobs=given.jobs,
        cache=given.cache,
        stats=given.stats,
    )
    return run(request)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Find missing awaits and their relatives, prove them, and fix them.",
        epilog="Exit code: 0 no finding, 1 findings, 2 a wrong request, 4 nothing could be read, 130 interrupted. "
        f"Rules: {', '.join(KNOWN_RULES)}.",
    )
    add = parser.add_argument
    add(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files and folders; default: what git knows below here",
    )
    add("--fix", action="store_true", help="insert what is certain")
    add("--fix-likely", action="store_true", help="insert also what is likely")
    add("--diff", action="store_true", help="show what --fix would change, and change nothing")
    add("--format", choices=FORMATS, default="text", help="how findings are written; default text")
    add("--json", action="store_true", help="the same as --format json")
    add("--select", action="append", metavar="RULE", help="only these rules; repeatable, or with commas")
    add("--ignore", action="append", metavar="RULE", help="all but these rules")
    add("--exclude", action="append", metavar="GLOB", help="leave out files whose path matches; repeatable")
    add("--baseline", type=Path, metavar="FILE", help="tell only what is not known from this file")
    add("--write-baseline", type=Path, metavar="FILE", help="keep today's findings as known, and exit 0")
    add(
        "--python",
        type=Path,
        metavar="FILE",
        help="interpreter whose packages the code imports; default .venv, venv",
    )
    add("--jobs", type=int, metavar="N", help="processes; default one a core")
    add("--no-cache", action="store_false", dest="cache", help="read every file anew")
    add("--stats", action="store_true", help="add what was read and how long it took")
    add("--explain", metavar="RULE", help="print the page of a rule and exit")
    return parser


if __name__ == "__main__":
    gc.disable()
    code = main()
    gc.freeze()  # the process ends here: nothing is looked through once more
    sys.exit(code)
