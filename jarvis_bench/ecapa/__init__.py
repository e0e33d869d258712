"""Clip in, embedding out: weights, clips and the runtimes that compute ECAPA-TDNN."""
