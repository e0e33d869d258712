"""Settings: environment over file over default, and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.settings import FILE_NAME, Settings, read_settings


def test_defaults_without_file_and_environment(tmp_path: Path) -> None:
    """Who sets nothing gets the defaults."""
    assert read_settings({}, tmp_path) == Settings()


def test_environment_over_file_over_default(tmp_path: Path) -> None:
    """The nearer source wins, setting by setting."""
    (tmp_path / FILE_NAME).write_text(
        'container_name = "from-file"\ncloud_run_url = "https://file.example"\nprobe_deadline_s = 3\n'
    )
    environ = {"JARVIS_BENCH_CONTAINER_NAME": "from-environment", "JARVIS_BENCH_LOCAL_RAM_FLOOR_BYTES": "7"}
    settings = read_settings(environ, tmp_path)
    assert settings == Settings(
        container_name="from-environment",
        cloud_run_url="https://file.example",
        probe_deadline_s=3.0,
        local_ram_floor_bytes=7,
    )


def test_process_environment_and_working_directory_are_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without arguments, the process's own environment and folder are read."""
    (tmp_path / FILE_NAME).write_text('weights = "seeded"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", "unix:///run/engine.sock")
    assert read_settings() == Settings(weights="seeded", docker_host="unix:///run/engine.sock")


def test_home_folder_sign_in_a_path_is_understood(tmp_path: Path) -> None:
    """`~` in a path means the user's home folder."""
    settings = read_settings({"JARVIS_BENCH_CACHE_DIR": "~/weights"}, tmp_path)
    assert settings.cache_dir == Path.home() / "weights"


def test_own_variables_of_the_package_are_no_settings(tmp_path: Path) -> None:
    """What the package sets for its own children does not stop it."""
    environ = {"JARVIS_BENCH_RUN_MARK": "1", "JARVIS_BENCH_REQUIRE": "chromium", "JARVIS_HOME": "/x"}
    assert read_settings(environ, tmp_path) == Settings()


def test_unknown_variable_names_the_nearest(tmp_path: Path) -> None:
    """A mistyped variable is an error that names itself and the setting that was meant."""
    with pytest.raises(UsageError) as caught:
        read_settings({"JARVIS_BENCH_WEIGHT": "seeded"}, tmp_path)
    assert "JARVIS_BENCH_WEIGHT)" in str(caught.value)
    assert "did you mean 'weights'?" in str(caught.value)


def test_unknown_key_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    """A mistyped key is an error that names the file and the setting that was meant."""
    (tmp_path / FILE_NAME).write_text('cloud_url = "https://x"\n')
    with pytest.raises(UsageError) as caught:
        read_settings({}, tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)
    assert "did you mean 'cloud_run_url'?" in str(caught.value)


@pytest.mark.parametrize("value", ["soon", "", "-1", "nan", "inf"])
def test_bad_number_names_its_variable(value: str, tmp_path: Path) -> None:
    """A duration that is none is refused with the variable's name and the value."""
    with pytest.raises(UsageError) as caught:
        read_settings({"JARVIS_BENCH_PROBE_DEADLINE_S": value}, tmp_path)
    assert str(caught.value) == (
        f"JARVIS_BENCH_PROBE_DEADLINE_S: {value!r} is no usable float for probe_deadline_s"
    )


def test_bad_number_in_the_file_names_the_file(tmp_path: Path) -> None:
    """A fraction of a byte is refused with the file's name."""
    (tmp_path / FILE_NAME).write_text("local_ram_floor_bytes = 1.5\n")
    with pytest.raises(UsageError, match=r"'1\.5' is no usable int for local_ram_floor_bytes") as caught:
        read_settings({}, tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)


@pytest.mark.parametrize("content", [b"weights =", b"\xff\xfe"])
def test_file_that_is_no_toml_is_named(content: bytes, tmp_path: Path) -> None:
    """A broken file is an error that names it, not a traceback of the parser."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(UsageError, match="is not valid TOML") as caught:
        read_settings({}, tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)


def test_no_checkout_is_an_error_with_its_cure(tmp_path: Path) -> None:
    """Where there are no notebooks, the message names the variable that tells where they are."""
    with pytest.raises(UsageError, match="set JARVIS_BENCH_HOME"):
        _ = Settings(home=tmp_path).notebooks_dir


def test_checkout_holds_notebooks_and_data() -> None:
    """The default home is the checkout."""
    assert Settings().notebooks_dir.is_dir()
    assert (Settings().data_dir / "clips" / "manifest.json").is_file()
