"""What can be set: every behaviour of Cloud Run that the emulator has, with Google's default."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from jarvis_bench.errors import UsageError, unknown_name
from jarvis_bench.tiers.cloud_run.prices import Shape

MIB = 1024**2
INSTANCES = ("auto", "container", "process")


@dataclass(frozen=True, slots=True)
class StartupProbe:
    """What an instance has to pass before it gets requests.

    Args:
        path: of an HTTP probe, passed by 200 to 399; empty asks for a TCP connection only, as Google's default does.
        period_s: seconds between two tries, and the limit of one.
        failures: tries before the instance is given up.
    """

    path: str = ""
    period_s: float = 240.0
    failures: int = 1


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """One service. Defaults are Google's, except those that only an emulator has (the last ones).

    Args:
        service: its name; a revision's name is made of it.
        vcpu: CPUs of an instance; the emulator gives the runtime as many threads.
        memory_mib: an instance that holds more is killed.
        concurrency: requests that one instance gets at the same time.
        min_instances: kept without requests, and paid for.
        max_instances: never more.
        timeout_s: for a request, the start of an instance included; then 504.
        idle_s: an instance without requests for so long is ended (Google: up to 15 minutes).
        cpu_always: instance-based billing: CPU also between requests. Otherwise an instance is frozen then.
        startup_probe: gates the traffic.
        queue_factor: a request waits for a place up to this multiple of the mean start-up time …
        queue_floor_s: … but at least so many seconds; then 429.
        stop_s: from SIGTERM to SIGKILL.
        require_token: whether callers need an ID token whose audience is the service (Google: yes).
        audiences: accepted beside the service's own address.
        start_delay_s: added to every start, for what this machine does not have to do: find a host, pull the image.
        runtime: what the instances compute with.
        instances: what they are: `container`, `process`, or `auto` for containers where that can be.
        port: what a container is told in PORT; a process is told a free one.
        retry_s: no new start within so many seconds of a failed one, twice as many after each further one.
    """

    service: str = "jarvis-ecapa"
    vcpu: float = 1.0
    memory_mib: int = 512
    concurrency: int = 80
    min_instances: int = 0
    max_instances: int = 100
    timeout_s: float = 300.0
    idle_s: float = 900.0
    cpu_always: bool = False
    startup_probe: StartupProbe = dataclasses.field(default_factory=StartupProbe)
    queue_factor: float = 3.5
    queue_floor_s: float = 10.0
    stop_s: float = 10.0
    require_token: bool = True
    audiences: tuple[str, ...] = ()
    start_delay_s: float = 0.0
    runtime: str = "onnx"
    instances: str = "process"
    port: int = 8080
    retry_s: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what Cloud Run refuses.

        Raises:
            UsageError: names the setting.
        """
        if self.instances not in INSTANCES:
            raise unknown_name("kind of instances", self.instances, INSTANCES)
        self._check_numbers()
        self._check_size()

    def _check_numbers(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float | int) and not 0 <= value < math.inf:
                raise UsageError(f"{field.name} is {value!r}: it cannot be negative or infinite")
        if not 1 <= self.port <= 65535:
            raise UsageError(f"no port has the number {self.port}")
        if self.concurrency < 1 or self.max_instances < 1:
            raise UsageError("concurrency and max_instances are at least 1")
        if self.min_instances > self.max_instances:
            raise UsageError(f"min_instances {self.min_instances} exceeds max_instances {self.max_instances}")

    def _check_size(self) -> None:
        if not 0.08 <= self.vcpu <= 8:
            raise UsageError(f"vcpu is {self.vcpu:g}: Cloud Run has 0.08 to 8")
        if self.vcpu < 1 and self.concurrency > 1:
            raise UsageError("below 1 vCPU, Cloud Run allows a concurrency of 1 only")
        if not 128 <= self.memory_mib <= 32 * 1024:
            raise UsageError(f"memory_mib is {self.memory_mib}: Cloud Run has 128 to 32768")
        if self.memory_mib > 4096 and self.vcpu < 2:
            raise UsageError("more than 4096 MiB need 2 vCPU")

    @property
    def shape(self) -> Shape:
        """The size of an instance, for its price."""
        return Shape(self.vcpu, self.memory_mib / 1024)

    @property
    def threads(self) -> int:
        """The threads of an instance's runtime."""
        return max(1, round(self.vcpu))

    @property
    def revision(self) -> str:
        """The one revision's name."""
        return f"{self.service}-00001-emu"


# What `service.yaml` beside this package deploys; a test holds them equal.
DEPLOYED = EmulatorSettings(
    memory_mib=1024,
    concurrency=4,
    max_instances=3,
    timeout_s=60.0,
    startup_probe=StartupProbe(path="/health", period_s=1.0, failures=60),
)
