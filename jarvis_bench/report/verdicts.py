"""The verdict on each claim, computed from a run's results and never typed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_bench.kit.claims import Check
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import ClaimVerdict
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.report.judgements import JUDGEMENTS


@dataclass(frozen=True, slots=True)
class Judged:
    """A check and what this run says about it; `finding` is a sentence made from the numbers."""

    check: Check
    verdict: ClaimVerdict
    finding: str


def judge(folder: RunFolder, checks: Sequence[Check]) -> tuple[Judged, ...]:
    """One verdict a check, in the order given."""
    evidence = Evidence(folder)
    return tuple(_judge(evidence, check) for check in checks)


def _judge(evidence: Evidence, check: Check) -> Judged:
    judgement = JUDGEMENTS.get(check.key)
    if judgement is None:
        return Judged(check, ClaimVerdict.NOT_TESTED, check.how)
    try:
        verdict, finding = judgement(evidence)
    except NoEvidence as exc:
        return Judged(check, ClaimVerdict.NOT_TESTED, f"Not tested: {exc}.")
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        # Files of an older version, or spoilt ones: no verdict rests on what is not there.
        what = f"{type(exc).__name__}: {exc}"
        return Judged(
            check, ClaimVerdict.NOT_TESTED, f"Not tested: this run's files have another form ({what})."
        )
    return Judged(check, verdict, finding)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim with its verdict, as kept in claims.parquet."""

    line: int
    quote: str
    check: str
    verdict: str
    finding: str
    notebook: str | None


def claim_rows(judged: Sequence[Judged]) -> list[ClaimRow]:
    """One row a claim, in the order of the document."""
    rows = [
        ClaimRow(
            claim.line, claim.quote, item.check.key, item.verdict.value, item.finding, item.check.notebook
        )
        for item in judged
        for claim in item.check.claims
    ]
    return sorted(rows, key=lambda row: row.line)
