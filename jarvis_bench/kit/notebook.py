"""What a notebook says about itself: its title, question, parameters and declared artefacts."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.errors import MissingExtra, UsageError, unknown_name
from jarvis_bench.settings import Settings

Value = str | int | float | bool | list[Any]
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "list": (list,),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One annotated assignment of the cell tagged `parameters`."""

    name: str
    kind: str
    default: Value


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as its file describes it.

    `artefacts` are the files that a run of it must leave behind (its metadata, `jarvis_bench.artefacts`);
    `needs_tiers` says that a run starts our container and the emulator of Cloud Run for it, where it can.
    """

    name: str
    path: Path
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    artefacts: tuple[str, ...]
    needs_tiers: bool = False


def load_notebooks(settings: Settings) -> tuple[Notebook, ...]:
    """All notebooks in reading order."""
    return tuple(read_notebook(path) for path in sorted(settings.notebooks_dir.glob("[0-9][0-9]_*.ipynb")))


def read_notebook(path: Path) -> Notebook:
    """Read one notebook.

    Raises:
        UsageError: it cannot be read, has not exactly one `parameters` cell, or that holds more than annotated
            literals.
    """
    try:
        import nbformat
    except ModuleNotFoundError as exc:
        raise MissingExtra("nbformat and papermill", "kit") from exc
    try:
        content = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as exc:
        raise UsageError(f"{path} is no notebook: {exc}") from exc
    tagged = [cell for cell in content.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise UsageError(f"{path.name}: exactly one cell must be tagged `parameters`, found {len(tagged)}")
    title, question = _heading(content.cells[0].source)
    return Notebook(
        name=path.stem,
        path=path,
        title=title,
        question=question,
        parameters=tuple(_parameters(tagged[0].source, path.name)),
        artefacts=tuple(content.metadata.get("jarvis_bench", {}).get("artefacts", ())),
        needs_tiers=bool(content.metadata.get("jarvis_bench", {}).get("needs_tiers", False)),
    )


def _heading(source: str) -> tuple[str, str]:
    """The first line without its `#`, and the first paragraph below it."""
    head, _, rest = source.strip().partition("\n")
    return head.lstrip("# ").strip(), " ".join(rest.strip().split("\n\n")[0].split())


def _parameters(source: str, where: str) -> list[Parameter]:
    try:
        return [_parameter(statement) for statement in ast.parse(source).body]
    except (SyntaxError, ValueError, TypeError) as exc:
        raise UsageError(
            f"{where}: its parameters are more than lines of `name: type = literal`: {exc}"
        ) from exc


def _parameter(statement: ast.stmt) -> Parameter:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as value
        ) if kind in TYPES:
            return Parameter(name, kind, ast.literal_eval(value))
        case _:
            raise ValueError(f"line {statement.lineno}")


def choose_notebooks(notebooks: Sequence[Notebook], wanted: Sequence[str]) -> tuple[Notebook, ...]:
    """The named notebooks in reading order; all where none is named. A number such as `10` will do."""
    if not wanted:
        return tuple(notebooks)
    names = {_match(name, notebooks) for name in wanted}
    return tuple(notebook for notebook in notebooks if notebook.name in names)


def _match(name: str, notebooks: Sequence[Notebook]) -> str:
    stem = Path(name).stem if name.endswith(".ipynb") else name
    for notebook in notebooks:
        if stem in {notebook.name, notebook.name.split("_")[0]}:
            return notebook.name
    raise unknown_name("notebook", name, (notebook.name for notebook in notebooks))


def parse_settings(pairs: Sequence[str], notebooks: Sequence[Notebook]) -> dict[str, Value]:
    """`NAME=VALUE` pairs as values of the parameters' types.

    Raises:
        UsageError: a pair without `=`, a name that none of the notebooks has, or a value of another type.
    """
    values: dict[str, Value] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair!r}: expected NAME=VALUE")
        values[name] = _value(name, text, notebooks)
    return values


def _value(name: str, text: str, notebooks: Sequence[Notebook]) -> Value:
    kinds = {parameter.name: parameter.kind for notebook in notebooks for parameter in notebook.parameters}
    if name == "out_dir" or name not in kinds:
        raise unknown_name("parameter", name, kinds.keys() - {"out_dir"})
    value: Any = text
    if kinds[name] != "str":
        try:
            value = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError):
            value = text
    check_value(name, value, kinds[name])
    return value  # type: ignore[no-any-return]  # check_value has seen its type


def check_value(name: str, value: object, kind: str) -> None:
    """Fail unless the value is of the parameter's type."""
    right = isinstance(value, TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))
    if not right:
        raise UsageError(f"parameter {name}: {value!r} is no {kind}")


def own_parameters(notebook: Notebook, values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of the values that this notebook has a parameter for."""
    names = {parameter.name for parameter in notebook.parameters}
    return {name: value for name, value in values.items() if name in names}
