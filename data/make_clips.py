"""Cut the benchmark's speech clips from Debian's Asterisk prompt packages.

    python data/make_clips.py [--out data/clips] [--packages FOLDER_OF_DEBS]

Needs dpkg-deb and ffmpeg, and apt-get unless the .deb files are given. The same packages give the same
bytes on every run. Credits and licences of the voices: data/clips/LICENSES.md.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SCHEMA_VERSION = 1
SAMPLE_RATE_HZ = 16_000
BYTES_PER_SAMPLE = 2
UPSTREAM_VERSION = "1.6.1"  # the start seconds below were chosen in these recordings


@dataclass(frozen=True, slots=True)
class Voice:
    """One language of the prompts: who speaks, where the files are, under which licence."""

    language: str
    nickname: str
    speaker: str
    folder: str
    licence: str

    @property
    def package(self) -> str:
        """The Debian package that holds this voice."""
        return f"asterisk-core-sounds-{self.language}-g722"

    def source_file(self, prompt: str) -> str:
        """The path of a prompt inside the package."""
        return f"usr/share/asterisk/sounds/{self.folder}/{prompt}.g722"


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of one prompt that becomes one clip."""

    language: str
    letter: str
    prompt: str
    start_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Clip:
    """One entry of the manifest; its field names are the manifest's keys."""

    file: str
    speaker: str
    language: str
    seconds: float
    source_package: str
    source_file: str
    start_s: float
    licence: str
    sha256: str


# Five languages, four people: Allison Smith recorded both English and Spanish. The package does not name
# the Russian speaker, only the studio (ivrvoice.ru).
VOICES = (
    Voice("en", "allison", "allison-smith", "en_US_f_Allison", "CC-BY-SA-3.0"),
    Voice("es", "allison", "allison-smith", "es_MX_f_Allison", "CC-BY-SA-3.0"),
    Voice("fr", "june", "june-wallack", "fr_CA_f_June", "CC-BY-SA-3.0"),
    Voice("it", "carlo", "carlo-flora", "it_IT_m_Carlo", "CC-BY-3.0"),
    Voice("ru", "ivrvoice", "ivrvoice-ru", "ru_RU_f_IvrvoiceRU", "CC-BY-3.0"),
)

# Each cut starts where a phrase starts. The prompts are the same in every language but for the Spanish 30 s:
# that demo-instruct is a telephone recording (nothing above 4 kHz) inside a 16 kHz file.
CUTS = (
    Cut("en", "a", "auth-incorrect", 0.05, 1.0),
    Cut("en", "b", "vm-mismatch", 0.0, 1.0),
    Cut("en", "a", "vm-instructions", 0.0, 3.0),
    Cut("en", "b", "vm-rec-unv", 0.1, 3.0),
    Cut("en", "a", "demo-congrats", 15.8, 10.0),
    Cut("en", "a", "demo-instruct", 32.1, 30.0),
    Cut("es", "a", "auth-incorrect", 0.0, 1.0),
    Cut("es", "b", "vm-mismatch", 2.2, 1.0),
    Cut("es", "a", "vm-instructions", 3.85, 3.0),
    Cut("es", "b", "vm-rec-unv", 0.0, 3.0),
    Cut("es", "a", "demo-congrats", 29.15, 10.0),
    Cut("es", "a", "priv-callee-options", 8.35, 30.0),
    Cut("fr", "a", "auth-incorrect", 2.15, 1.0),
    Cut("fr", "b", "vm-mismatch", 0.0, 1.0),
    Cut("fr", "a", "vm-instructions", 2.8, 3.0),
    Cut("fr", "b", "vm-rec-unv", 0.0, 3.0),
    Cut("fr", "a", "demo-congrats", 0.0, 10.0),
    Cut("fr", "a", "demo-instruct", 0.05, 30.0),
    Cut("it", "a", "auth-incorrect", 0.0, 1.0),
    Cut("it", "b", "vm-mismatch", 3.75, 1.0),
    Cut("it", "a", "vm-instructions", 2.85, 3.0),
    Cut("it", "b", "vm-rec-unv", 1.65, 3.0),
    Cut("it", "a", "demo-congrats", 0.0, 10.0),
    Cut("it", "a", "demo-instruct", 5.9, 30.0),
    Cut("ru", "a", "auth-incorrect", 0.0, 1.0),
    Cut("ru", "b", "vm-mismatch", 0.0, 1.0),
    Cut("ru", "a", "vm-instructions", 2.9, 3.0),
    Cut("ru", "b", "vm-rec-unv", 1.0, 3.0),
    Cut("ru", "a", "demo-congrats", 17.25, 10.0),
    Cut("ru", "a", "demo-instruct", 5.55, 30.0),
)


class SourceError(Exception):
    """A tool, package or recording is missing; the message names it and the cure."""


def run(command: Sequence[str], *, cure: str, folder: Path | None = None) -> bytes:
    """Run a program and return what it printed; a missing program or a failure names the cure."""
    if shutil.which(command[0]) is None:
        raise SourceError(f"{command[0]} is not installed: {cure}")
    finished = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if finished.returncode != 0:
        reason = finished.stderr.decode(errors="replace").strip()
        raise SourceError(f"`{' '.join(command)}` failed: {reason}\ncure: {cure}")
    return finished.stdout


def download_packages(folder: Path) -> None:
    """Fetch the .deb files into `folder` from the package sources of this Debian machine."""
    for voice in VOICES:
        run(
            ["apt-get", "download", voice.package],
            folder=folder,
            cure=f"on Debian, `apt-get update` with component main; elsewhere, fetch {voice.package} from "
            "https://packages.debian.org and pass its folder with --packages",
        )


def find_package(folder: Path, voice: Voice) -> Path:
    """The one .deb file of a voice, of the upstream version the cuts were chosen in."""
    found = sorted(folder.glob(f"{voice.package}_*.deb"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise SourceError(
            f"{folder} must hold exactly one {voice.package}_*.deb (found: {names}): "
            f"`apt-get download {voice.package}` there, or leave out --packages"
        )
    answer = run(["dpkg-deb", "-f", str(found[0]), "Version"], cure="apt-get install dpkg")
    version = answer.decode().strip()
    if version.rpartition("-")[0] != UPSTREAM_VERSION:
        raise SourceError(
            f"{found[0].name} is version {version}, the cuts are for {UPSTREAM_VERSION}: "
            "take that version from https://snapshot.debian.org and pass its folder with --packages"
        )
    return found[0]


def unpack(packages: Path, root: Path) -> dict[str, Path]:
    """Unpack every voice's package below `root`; returns language to unpacked folder."""
    unpacked: dict[str, Path] = {}
    for voice in VOICES:
        package = find_package(packages, voice)
        unpacked[voice.language] = root / voice.language
        run(["dpkg-deb", "-x", str(package), str(root / voice.language)], cure="apt-get install dpkg")
    return unpacked


def decode(recording: Path) -> bytes:
    """The samples of a G.722 file: mono, 16 kHz, signed 16-bit little-endian."""
    if not recording.is_file():
        raise SourceError(f"{recording} is not in its package: use version {UPSTREAM_VERSION}")
    source = ["-f", "g722", "-i", str(recording)]
    shape = ["-ar", str(SAMPLE_RATE_HZ), "-ac", "1", "-c:a", "pcm_s16le", "-bitexact"]
    command = ["ffmpeg", "-nostdin", "-v", "error", *source, *shape, "-f", "s16le", "pipe:1"]
    return run(command, cure="apt-get install ffmpeg")


def cut_samples(samples: bytes, cut: Cut) -> bytes:
    """The cut's stretch of 16-bit samples, exactly `cut.seconds` long."""
    first = round(cut.start_s * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE
    length = round(cut.seconds * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE
    stretch = samples[first : first + length]
    if len(stretch) != length:
        raise SourceError(f"{cut.prompt} ({cut.language}) is too short: use version {UPSTREAM_VERSION}")
    return stretch


def wav_bytes(samples: bytes) -> bytes:
    """A WAV file around mono 16-bit samples."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(BYTES_PER_SAMPLE)
        writer.setframerate(SAMPLE_RATE_HZ)
        writer.writeframes(samples)
    return buffer.getvalue()


def describe(voice: Voice, cut: Cut, wav: bytes) -> Clip:
    """The manifest entry of one finished clip."""
    return Clip(
        file=f"{voice.language}-{voice.nickname}-{cut.seconds:02.0f}s-{cut.letter}.wav",
        speaker=voice.speaker,
        language=voice.language,
        seconds=cut.seconds,
        source_package=voice.package,
        source_file=voice.source_file(cut.prompt),
        start_s=cut.start_s,
        licence=voice.licence,
        sha256=hashlib.sha256(wav).hexdigest(),
    )


def make_clips(unpacked: Mapping[str, Path]) -> dict[Clip, bytes]:
    """Decode and cut everything in memory, so that a failure leaves the output folder as it was."""
    voices = {voice.language: voice for voice in VOICES}
    made: dict[Clip, bytes] = {}
    for cut in CUTS:
        voice = voices[cut.language]
        wav = wav_bytes(cut_samples(decode(unpacked[cut.language] / voice.source_file(cut.prompt)), cut))
        made[describe(voice, cut, wav)] = wav
    return made


def write_clips(made: Mapping[Clip, bytes], out: Path) -> None:
    """Write the WAV files and manifest.json, entries sorted by file name."""
    out.mkdir(parents=True, exist_ok=True)
    for clip, wav in made.items():
        (out / clip.file).write_bytes(wav)
    entries = [asdict(clip) for clip in sorted(made, key=lambda clip: clip.file)]
    manifest = {"schema_version": SCHEMA_VERSION, "sample_rate_hz": SAMPLE_RATE_HZ, "clips": entries}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def parse_arguments(arguments: Sequence[str] | None) -> tuple[Path, Path | None]:
    """The output folder, and the folder of .deb files if one was given."""
    parser = argparse.ArgumentParser(description="Cut the benchmark's speech clips from Debian packages.")
    clips = Path(__file__).parent / "clips"
    parser.add_argument("--out", type=Path, default=clips, help="where the clips go (default: data/clips)")
    parser.add_argument("--packages", type=Path, help="folder of already downloaded .deb files")
    parsed = parser.parse_args(arguments)
    return parsed.out, parsed.packages


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the clips; ends with a one-line reason where a tool or a package is missing."""
    out, packages = parse_arguments(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="make-clips-") as scratch:
            root = Path(scratch)
            if packages is None:
                download_packages(root)
            made = make_clips(unpack(packages or root, root))
    except SourceError as missing:
        sys.exit(f"make_clips: {missing}")
    write_clips(made, out)
    sys.stdout.write(f"{len(made)} clips in {out}\n")


if __name__ == "__main__":
    main()
