"""The claims are read as the checks that decide them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.claims import load_checks
from jarvis_bench.settings import CHECKOUT


def test_every_claim_belongs_to_the_check_that_decides_it() -> None:
    """No claim of the file is lost on the way, and none is doubled."""
    checks = load_checks(CHECKOUT / "data")
    text = (CHECKOUT / "data" / "claims.yaml").read_text(encoding="utf-8")
    assert sum(len(check.claims) for check in checks) == text.count("kind: claim,")
    assert all(claim.check == check.key for check in checks for claim in check.claims)
    assert len({check.key for check in checks}) == len(checks)


def test_a_check_names_its_lines_once_and_in_order() -> None:
    """Two claims on one line are one line."""
    for check in load_checks(CHECKOUT / "data"):
        assert list(check.lines) == sorted({claim.line for claim in check.claims})


def test_a_folder_without_claims_is_named(tmp_path: Path) -> None:
    """The error says which file is missing and how to get it."""
    with pytest.raises(UsageError, match=r"claims\.yaml.*clone"):
        load_checks(tmp_path)
