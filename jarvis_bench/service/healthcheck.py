"""The container's health check: exit 0 only where /health answers 200 and says `ecapa_ready: true`.

Runs as a file of its own every few seconds inside the container, so it imports three small modules and no more.
"""

from __future__ import annotations

import os
import socket
import sys

TIMEOUT_S = 2.5
READY = b'"ecapa_ready": true'


def healthy(port: int, timeout_s: float = TIMEOUT_S) -> bool:
    """Ask the service on this port of 127.0.0.1; no answer is no."""
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
            connection.sendall(request)
            answer = b""
            while len(answer) < 65_536 and (part := connection.recv(65_536)):
                answer += part
    except OSError:
        return False
    return answer.startswith(b"HTTP/1.1 200 ") and READY in answer


if __name__ == "__main__":
    sys.exit(0 if healthy(int(os.environ.get("PORT", "8080"))) else 1)
