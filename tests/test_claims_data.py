"""The two data files about the seed document agree with each other, and with the document where present."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).resolve().parents[1] / "data"
SEED_VARIABLE = "JARVIS_BENCH_SEED"
LONGEST_QUOTE = 120
SIGNS = {"tick": "✅", "cross": "❌", "warn": "⚠"}
MARKS = {"blank", "number", "text", *SIGNS}


@dataclass(frozen=True, slots=True)
class SeedLine:
    """One row of seed_lines.tsv."""

    number: int
    sha256_12: str
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of claims.yaml, its ranges spelled out; fields that its kind does not have are empty."""

    kind: str
    lines: tuple[int, ...]
    check: str
    quote: str
    why: str


def read_seed_lines() -> tuple[str, list[SeedLine]]:
    """The comment lines of seed_lines.tsv, joined, and its rows."""
    lines = (DATA / "seed_lines.tsv").read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    header, *rows = lines[len(comments) :]
    assert header == "line\tsha256_12\tmarks"
    cells = [row.split("\t") for row in rows]
    return " ".join(comments), [
        SeedLine(int(number), sha, frozenset(marks.split(","))) for number, sha, marks in cells
    ]


def read_claims() -> dict[str, Any]:
    """claims.yaml as it stands."""
    document = yaml.safe_load((DATA / "claims.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def spelled_out(line: int | str) -> list[int]:
    """The line numbers that one item of `lines` names: 6, or "27-30"."""
    first, _, last = str(line).partition("-")
    return list(range(int(first), int(last or first) + 1))


def read_entries() -> list[Entry]:
    """The entries of claims.yaml."""
    return [
        Entry(
            kind=entry["kind"],
            lines=tuple(number for line in entry["lines"] for number in spelled_out(line)),
            check=entry.get("check", ""),
            quote=entry.get("quote", ""),
            why=entry.get("why", ""),
        )
        for entry in read_claims()["entries"]
    ]


def entries_of(kind: str) -> list[Entry]:
    """The entries of one kind."""
    return [entry for entry in read_entries() if entry.kind == kind]


def test_seed_lines_has_as_many_rows_as_it_says() -> None:
    """The comment's line count and hash, the rows, and the head of claims.yaml tell of one document."""
    comment, rows = read_seed_lines()
    count, sha256 = re.findall(r"(\d+) lines, sha256 ([0-9a-f]{64})", comment)[0]
    seed = read_claims()["seed"]
    assert [row.number for row in rows] == list(range(1, int(count) + 1))
    assert (seed["lines"], seed["sha256"]) == (int(count), sha256)
    assert seed["title"] in comment


def test_marks_are_known_and_consistent() -> None:
    """A line has at least one known mark, and `blank` and `text` stand alone."""
    for row in read_seed_lines()[1]:
        assert row.marks, row
        assert row.marks <= MARKS, row
        assert len(row.marks) == 1 or not row.marks & {"blank", "text"}, row


def test_every_non_blank_line_is_covered() -> None:
    """The entries name all non-blank lines and no others."""
    non_blank = {row.number for row in read_seed_lines()[1] if "blank" not in row.marks}
    covered = {line for entry in read_entries() for line in entry.lines}
    assert sorted(non_blank - covered) == []
    assert sorted(covered - non_blank) == []


def test_no_line_is_covered_twice() -> None:
    """A line is in one not-a-claim entry or in claims of different checks, never in both."""
    not_claims = Counter(line for entry in entries_of("not-a-claim") for line in entry.lines)
    claims = Counter((line, entry.check) for entry in entries_of("claim") for line in entry.lines)
    assert [line for line, times in not_claims.items() if times > 1] == []
    assert [claim for claim, times in claims.items() if times > 1] == []
    assert sorted(set(not_claims) & {line for line, _ in claims}) == []


def test_every_ticked_or_crossed_line_has_an_entry() -> None:
    """No line that the document ticks or crosses is passed over."""
    marked = {row.number for row in read_seed_lines()[1] if row.marks & {"tick", "cross"}}
    covered = {line for entry in read_entries() for line in entry.lines}
    assert marked
    assert sorted(marked - covered) == []


def test_entries_are_claims_or_say_why_they_are_not() -> None:
    """A claim names one line and quotes it shortly; any other entry names lines and a reason."""
    for raw, entry in zip(read_claims()["entries"], read_entries(), strict=True):
        if entry.kind == "claim":
            assert set(raw) == {"lines", "kind", "check", "quote"}, raw
            assert len(entry.lines) == 1, raw
            assert 0 < len(entry.quote) <= LONGEST_QUOTE, raw
        else:
            assert entry.kind == "not-a-claim", raw
            assert set(raw) == {"lines", "kind", "why"}, raw
            assert entry.lines, raw
            assert entry.why.strip(), raw


def test_claims_use_every_check_and_no_other() -> None:
    """The checks that claims name are the checks that are described."""
    assert {entry.check for entry in entries_of("claim")} == set(read_claims()["checks"])


def test_checks_say_what_they_do_or_that_they_are_not_tested() -> None:
    """A check has a title, a how and a notebook, and without a notebook it says so."""
    for key, check in read_claims()["checks"].items():
        assert set(check) == {"title", "how", "notebook"}, key
        assert check["title"].strip(), key
        assert check["how"].strip(), key
        if check["notebook"] is None:
            assert check["how"].startswith("Not testable here: "), key
        else:
            assert re.fullmatch(r"\d\d_[a-z_]+", check["notebook"]), key


def test_the_data_files_match_the_document() -> None:
    """The fingerprints, the signs and the quotes are those of the document itself."""
    path = os.environ.get(SEED_VARIABLE)
    if not path:
        pytest.skip(f"{SEED_VARIABLE} does not name the seed document, which is not in this repository")
    content = Path(path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == read_claims()["seed"]["sha256"]
    text = content.decode("utf-8").removesuffix("\n").split("\n")
    for line, row in zip(text, read_seed_lines()[1], strict=True):
        assert hashlib.sha256(line.encode()).hexdigest()[:12] == row.sha256_12, row
        assert {name for name, sign in SIGNS.items() if sign in line} == row.marks & set(SIGNS), row
    assert [entry for entry in entries_of("claim") if entry.quote not in text[entry.lines[0] - 1]] == []
