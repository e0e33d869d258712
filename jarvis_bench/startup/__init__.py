"""The exhibit: JARVIS's start-up sequence as it was, wrong on purpose. Nothing here is to be mended."""
