"""Loudness, its range and the true peak against FFmpeg's own meter (libebur128), which PyAV carries.

usage: python benchmarks/loudness.py FILE...
"""

from __future__ import annotations

import sys

import av
import numpy as np

from playlistkit.audio import listen
from playlistkit.errors import AudioError


def ebur128(path: str) -> tuple[float, float, float]:
    """Integrated loudness (LUFS), range (LU) and true peak (dBTP) by FFmpeg's filter."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        told: dict[str, str] = {}
        peak = 0.0
        for frame in [*container.decode(stream), None]:
            graph.push(frame)
            while True:
                try:
                    measured = graph.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                told |= dict(measured.metadata)
                peaks = [float(value) for name, value in told.items() if ".true_peaks_ch" in name]
                peak = max(peak, *peaks, 0.0)
    return float(told["lavfi.r128.I"]), float(told["lavfi.r128.LRA"]), 20 * np.log10(max(peak, 1e-6))


def main(*paths: str) -> None:
    rows = []
    for path in paths:
        try:
            ours = listen(path, voice=False).features
        except AudioError as error:
            print(error)
            continue
        if ours.loudness is None or ours.loudness_range is None or ours.true_peak is None:
            continue
        rows.append(np.subtract((ours.loudness, ours.loudness_range, ours.true_peak), ebur128(path)))
    if not rows:
        sys.exit("nothing that has a loudness")
    differences = np.array(rows)
    print(f"{len(rows)} files against FFmpeg's ebur128")
    print(f"{'':<24} {'median':>8} {'95 % within':>12} {'largest':>8}   aim, 95 % within")
    names = (("integrated (LU)", "0.05"), ("range (LU)", "-"), ("true peak (dB)", "0.2"))
    for (name, aim), column in zip(names, differences.T, strict=True):
        size = np.abs(column)
        print(
            f"{name:<24} {np.median(column):8.3f} {np.quantile(size, 0.95):12.3f} {size.max():8.3f}   {aim}"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
