"""`make bench-versus`: does `versus` find what is there, and nothing where nothing is?

Twenty sessions with identical arms, twenty with 10 % injected into arm B, in turns. At least 19 of the first must say
"no difference" and 18 of the second "slower". `--sessions N --first M` measures a part; every session is a line of
JSON on standard output, and `--judge FILE…` counts such lines.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from jarvis_bench.kit.arms import parse_arm
from jarvis_bench.kit.versus import Cell, measure_versus
from jarvis_bench.kit.versus_verdict import judge_versus
from jarvis_bench.settings import Settings

SESSIONS, SHARE = 20, 0.1
WANTED = {"identical": ("no difference", 19), "slowed": ("slower", 18)}


def session(kind: str, seed: int) -> dict[str, object]:
    """One comparison."""
    settings, cell = Settings(), Cell(seed=seed)
    a = parse_arm("local:onnx", settings)
    b = parse_arm(f"local:onnx,slowdown={SHARE}" if kind == "slowed" else "local:onnx", settings)
    measured = asyncio.run(measure_versus(a, b, cell, settings, lambda _: None))
    report = judge_versus(a, b, cell, measured)
    return {
        "kind": kind,
        "seed": seed,
        "verdict": report.verdict.value,
        "validity": report.validity.value,
        "ratio": round(report.difference.ratio, 4),
        "interval": [round(report.difference.low, 4), round(report.difference.high, 4)],
        "p": round(report.difference.p_value, 5),
        "smallest_share": round(report.smallest_share, 4),
        "p50_ms": round(report.a.p50_s * 1e3, 2),
        "seconds": round(report.seconds, 1),
    }


def judge(found: list[dict[str, object]]) -> bool:
    """Print how often each kind got its verdict; an invalid session counts as a wrong one."""
    good = True
    for kind, (verdict, least) in WANTED.items():
        all_of = [line for line in found if line["kind"] == kind]
        right = sum((line["verdict"], line["validity"]) == (verdict, "VALID") for line in all_of)
        needed = least * len(all_of) / SESSIONS
        good &= bool(all_of) and right >= needed
        sys.stderr.write(f"{kind}: {right} of {len(all_of)} {verdict!r} (wanted: {least} of {SESSIONS})\n")
    return good


def main() -> int:
    """Measure, or count what was measured in parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="of each kind")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--judge", type=Path, nargs="+", help="count these files of lines instead")
    options = parser.parse_args()
    if options.judge:
        lines = [line for path in options.judge for line in path.read_text(encoding="utf-8").splitlines()]
        return 0 if judge([json.loads(line) for line in lines]) else 1
    found = []
    for seed in range(options.first, options.first + options.sessions):
        for kind in WANTED:
            found.append(session(kind, seed))
            sys.stdout.write(json.dumps(found[-1]) + "\n")
            sys.stdout.flush()
    return 0 if judge(found) else 1


if __name__ == "__main__":
    sys.exit(main())
