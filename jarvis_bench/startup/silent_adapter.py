"""The silent relative of the bug: the coroutine is stored, never used, and nothing ever fails.

Re-implemented from documented facts: the voice authentication layer kept the un-awaited result of
an async factory. A coroutine is truthy, so every later `if self._adapter` passes.
This file is an exhibit: its fault is what it is kept for.
"""


class TieredVBIAAdapter:
    """Stands for the adapter that verifies a speaker."""

    async def verify_speaker(self, embedding):
        return {"verified": True, "tier": "vbia"}


async def get_tiered_vbia_adapter() -> TieredVBIAAdapter:
    """Get the adapter."""
    return TieredVBIAAdapter()


class VoiceAuthenticationLayer:
    """Believes that it has an adapter."""

    def __init__(self):
        self._adapter = None

    async def initialize(self):
        self._adapter = get_tiered_vbia_adapter()

    def is_ready(self):
        return bool(self._adapter)

    async def authenticate(self, embedding):
        verify = getattr(self._adapter, "verify_speaker", None)
        if verify is None:
            return {"verified": False, "tier": "fallback"}
        return await verify(embedding)
