"""The constants of the front end are SpeechBrain's."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jarvis_bench.ecapa.front_end import FrontEnd, mel_filters, stft_kernels


def test_the_kernels_are_a_transform_of_the_windowed_frame() -> None:
    """A frame through the kernels is numpy's transform of the frame under torch's periodic Hamming window."""
    frame = np.random.default_rng(3).standard_normal(400)
    hamming = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 400)
    expected = np.fft.rfft(frame * hamming)
    cosines, sines = np.split(stft_kernels(FrontEnd())[:, 0] @ frame, 2)
    np.testing.assert_allclose(cosines, expected.real, atol=1e-4)
    np.testing.assert_allclose(sines, -expected.imag, atol=1e-4)


def test_a_frame_begins_every_hop() -> None:
    """Centred frames: one more than there are whole hops."""
    assert FrontEnd().frames(16_000) == 101
    assert FrontEnd().frames(48_001) == 301


def test_a_narrower_band_leaves_the_outer_bins_out() -> None:
    """The filters begin and end where they are told to."""
    narrow = mel_filters(dataclasses.replace(FrontEnd(), low_hz=100.0, high_hz=7600.0))
    assert narrow.shape == (80, 201)
    assert not narrow[:, :3].any()
    assert not narrow[:, 195:].any()
    assert mel_filters(FrontEnd())[:, 195:].any()


@pytest.mark.model
def test_the_filters_are_speechbrains() -> None:
    """Window and filters as SpeechBrain has made them."""
    from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio

    use_pure_torchaudio()
    import torch
    from speechbrain.processing.features import Filterbank

    bank = Filterbank(n_mels=80)
    centre = bank.f_central.repeat(201, 1).T
    band = bank.band.repeat(201, 1).T
    expected = bank._create_fbank_matrix(centre, band).T.numpy()
    np.testing.assert_allclose(mel_filters(FrontEnd()), expected, atol=1e-4)
    assert torch.hamming_window(400)[0] == pytest.approx(0.08)
