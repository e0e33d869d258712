"""Random programs never crash the auditor, and a fix adds nothing but `await` and parentheses."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_bench.await_audit import AuditOptions, apply_fixes, audit

NAMES = ("f", "g", "A", "x", "self", "make", "load")
LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}

atoms = st.sampled_from((*NAMES, "1", "'t'", "None", "super()"))


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        inner.map("{}()".format),
        pair.map(lambda two: f"({two[0]})({two[1]})"),
        st.tuples(inner, st.sampled_from(("g", "load", "x"))).map(lambda two: f"({two[0]}).{two[1]}()"),
        inner.map("({}).x".format),
        inner.map("({})[0]".format),
        inner.map("[{}]".format),
        inner.map("(await {})".format),
        inner.map("(lambda x: {})".format),
        inner.map("[({}) for x in load()]".format),
        inner.map("any(({}) for x in f())".format),
        pair.map(lambda two: f"({two[0]} or {two[1]})"),
        pair.map(lambda two: f"({two[0]} == {two[1]})"),
        pair.map(lambda two: f"({two[0]} if {two[1]} else x)"),
        inner.map(
            lambda one: (
                'f"{' + one.replace("'", "") + '!r}"' if '"' not in one and "lambda" not in one else one
            )
        ),
        inner.map("(x := {})".format),
    )


expressions = st.recursive(atoms, _grow, max_leaves=6)
statements = st.one_of(
    expressions,
    expressions.map("x = {}".format),
    expressions.map("self.x = {}".format),
    expressions.map("x[0] = {}".format),
    expressions.map("x, y = {}".format),
    expressions.map("return {}".format),
    expressions.map("if {}: pass".format),
    expressions.map("for x in {}: pass".format),
    expressions.map("async with {} as x: pass".format),
    expressions.map("x += {}".format),
    expressions.map("global x".format),
    expressions.map("assert {}".format),
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Some functions and a class, of both colours, with random bodies."""
    lines: list[str] = []
    for name in draw(st.lists(st.sampled_from(("f", "g", "make", "load")), min_size=1, max_size=4)):
        in_class = draw(st.booleans())
        pad = "    " if in_class else ""
        lines += ["class A:"] if in_class else []
        colour = draw(st.sampled_from(("async def", "def")))
        lines.append(f"{pad}{colour} {name}(self=None, *x):")
        lines += [f"{pad}    {line}" for line in draw(st.lists(statements, min_size=1, max_size=4))]
    return "\n".join(lines) + "\n"


def words(source: bytes) -> list[str]:
    """The tokens of a source, without layout, awaits and parentheses."""
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    kept = [token.string for token in tokens if token.type not in LAYOUT]
    text = "".join(kept).replace("await", "")
    return [letter for letter in text if letter not in "() "]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=programs())
def test_a_fix_adds_nothing_but_awaits(source: str, tmp_path: Path) -> None:
    """Whatever the program: no crash, the fixed file parses, and only awaits and parentheses are new."""
    path = tmp_path / "a.py"
    path.write_text(source, encoding="utf-8")
    before = path.read_bytes()
    result = audit([path], AuditOptions(root=tmp_path, jobs=1))
    apply_fixes(result, likely=True)
    after = path.read_bytes()
    if result.problems:
        assert after == before
        return
    ast.parse(after)
    assert words(before) == words(after)
    inserted = sum(one.fix.applicable for one in result.findings)
    assert after.count(b"await ") - before.count(b"await ") == inserted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_random_bytes_are_reported_not_raised(content: bytes, tmp_path: Path) -> None:
    """Any content is a file that was read, or a problem in one line."""
    path = tmp_path / "a.py"
    path.write_bytes(content)
    result = audit([path], AuditOptions(root=tmp_path, jobs=1))
    assert result.files_read + len(result.problems) == 1
