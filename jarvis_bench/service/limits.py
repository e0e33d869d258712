"""How much the service takes on; what is more is refused by a documented error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Every bound of the service.

    Args:
        body_bytes: the largest request body; 30 s of 48 kHz float32 in base64 are 7.7 MB.
        body_s: seconds in which a body has to arrive.
        head_s: seconds in which a request's head has to arrive, and the rest of a refused one to drain away.
        bodies: how many requests may be under way at once, those that still send their body included.
        waiting: how many requests may wait for the model while it computes another.
        wait_s: who would probably wait longer than that for the model, in seconds, is refused at once. Half of
            `request_s`: a wait that ends in a deadline during the computation wastes the computation.
        request_s: seconds from a complete body to the answer; JARVIS's client gives up after 8.
        clip_min_s: the shortest clip, in seconds; shorter ones have too few frames to tell anything.
        clip_max_s: the longest clip, in seconds; memory grows with length, accuracy does not.
        rate_min_hz: the lowest sample rate.
        rate_max_hz: the highest sample rate.
        batch_items: how many clips a batch may hold.
        batch_s: how many seconds of audio a batch may hold in all.
        drain_s: seconds that accepted requests get after SIGTERM; Cloud Run kills after 10.
    """

    body_bytes: int = 8 * 1024 * 1024
    body_s: float = 5.0
    head_s: float = 5.0
    bodies: int = 32
    waiting: int = 16
    wait_s: float = 3.5
    request_s: float = 7.5
    clip_min_s: float = 0.1
    clip_max_s: float = 30.0
    rate_min_hz: int = 8_000
    rate_max_hz: int = 48_000
    batch_items: int = 32
    batch_s: float = 60.0
    drain_s: float = 8.0
