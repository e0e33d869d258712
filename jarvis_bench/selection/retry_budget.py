"""A budget for retries, so that a failover never multiplies the load.

Twenty in a hundred requests and ten a second on top, as in Finagle (Twitter's engineering blog, 16 February 2016:
"Retry budgets"); here as one bucket that saves for two seconds at most.
"""

from __future__ import annotations

from collections.abc import Callable

SAVED_S = 2.0


class RetryBudget:
    """Tokens: each request earns a share of one, time earns some a second.

    Args:
        share: what a request earns.
        per_s: what a second earns.
        clock: seconds that only rise.
    """

    def __init__(self, share: float, per_s: float, clock: Callable[[], float]) -> None:
        self._share, self._per_s, self._clock = share, per_s, clock
        self.most = max(1.0, SAVED_S * per_s)
        self._tokens = self.most
        self._at_s = clock()

    def earn(self) -> None:
        """A request has come."""
        self._fill()
        self._tokens = min(self.most, self._tokens + self._share)

    def take(self) -> bool:
        """Pay for one retry; False where the budget is spent."""
        self._fill()
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait_s(self) -> float:
        """Seconds until time alone has earned a token."""
        self._fill()
        missing = max(0.0, 1.0 - self._tokens)
        return missing / self._per_s if self._per_s else float("inf")

    def _fill(self) -> None:
        now_s = self._clock()
        self._tokens = min(self.most, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
