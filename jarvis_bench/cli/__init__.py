"""The command line: `jarvis-bench COMMAND`."""

from __future__ import annotations

import signal
import sys

import typer

from jarvis_bench.cli import (
    audit,
    cloud_run,
    cold_start,
    compare,
    dashboard,
    docker,
    export,
    load,
    memory,
    probe,
    report,
    reproduce,
    reproduce_run,
    run,
    runtimes,
    serve,
    versus,
    watch,
)
from jarvis_bench.cli.output import drop_output
from jarvis_bench.errors import JarvisBenchError

INTERRUPTED = 130

app = typer.Typer(
    help="Reproduce JARVIS's missing-await start-up bug and measure its three speaker-embedding tiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run_notebooks)
app.command("reproduce")(reproduce.reproduce_version)
app.command("probe")(probe.probe_tiers)
app.command("load")(load.load_tiers)
app.command("export")(export.export_weights)
app.command("runtimes")(runtimes.compare)
app.command("memory")(memory.measure)
app.command("cold-start")(cold_start.measure)
app.command("audit")(audit.audit_code)
app.command("report")(report.report_run)
app.command("versus")(versus.compare_arms)
app.command("compare")(compare.compare_finished)
app.command("reproduce-run")(reproduce_run.reproduce_finished)
app.command("serve")(serve.serve_embeddings)
app.add_typer(docker.app, name="docker")
app.add_typer(cloud_run.app, name="cloud-run")
app.command("watch")(watch.watch_tiers)
app.command("dashboard")(dashboard.serve_page)


def main() -> None:
    """Run a command; an error of ours becomes one line on standard error and its exit code."""
    try:
        app()
    except JarvisBenchError as exc:
        sys.stderr.write(f"jarvis-bench: {exc}\n")
        sys.exit(exc.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("jarvis-bench: interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; nothing more can be told.
        drop_output()
        sys.exit(1)
    finally:
        # One more Ctrl-C while the interpreter ends would print a traceback over what was just said.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
