"""The other relative: the Docker daemon code used `Enum` and `dataclass` without importing them.

Importing this module fails, as start-up did. This file is an exhibit: its fault is what it is kept for.
"""


class DaemonStatus(Enum):
    UNKNOWN = "unknown"
    RUNNING = "running"


@dataclass
class DaemonHealth:
    status: DaemonStatus = DaemonStatus.UNKNOWN
