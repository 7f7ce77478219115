#!/usr/bin/env python3
"""Time of Ultralytics' trackers for one frame, for the same scenes as bench/tracking.cpp: processor time, median.

    race_track.py [FRAMES]      (Ultralytics 8.4.190, lap 0.5.13)
"""
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import ultralytics
from ultralytics.engine.results import Boxes
from ultralytics.trackers.track import TRACKER_MAP
from ultralytics.utils import YAML

SHAPE = (1080, 1920)


def tracker(name, **changed):
    values = YAML.load(Path(ultralytics.__file__).parent / "cfg" / "trackers" / f"{name}.yaml")
    return TRACKER_MAP[name](args=SimpleNamespace(device="cpu", **{**values, **changed}))


def measure(name, follower, frames):
    times = []
    for rows, image in frames:
        boxes = Boxes(rows.astype(np.float32), SHAPE)
        start = time.process_time()
        follower.update(boxes, image)
        times.append(time.process_time() - start)
    print(f"{name}: {np.median(times[1:]) * 1e3:.2f} ms")


def crowd(count, objects=100):
    """Walkers with noise; some are missed, some have a low score."""
    random = np.random.default_rng(7)
    x, y, height = random.uniform(0, 1920, objects), random.uniform(0, 1080, objects), random.uniform(60, 180, objects)
    dx, dy = random.uniform(-3, 3, objects), random.uniform(-2, 2, objects)
    for _ in range(count):
        x, y = (x + dx) % 1920, (y + dy) % 1080
        cx, cy, w, h = (v + random.normal(size=objects) for v in (x, y, height * 0.4, height))
        score = np.where(random.uniform(size=objects) < 0.1, 0.3, 0.7 + 0.25 * random.uniform(size=objects))
        rows = np.c_[cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, score, np.zeros(objects)]
        yield rows[random.uniform(size=objects) > 0.02], None


def pan(count):
    """40 objects that stand still while the camera moves over blocks of gray."""
    images = []
    for i in range(8):
        x = ((np.arange(1920, dtype=np.uint64) + 7 * i) // 24 * 2654435761) & 0xFFFFFFFF
        y = ((np.arange(1080, dtype=np.uint64) + 4 * i) // 24 * 2246822519) & 0xFFFFFFFF
        gray = ((x[None] ^ y[:, None]) >> 13).astype(np.uint8)
        images.append(np.repeat(gray[:, :, None], 3, axis=2))
    k = np.arange(40)
    for frame in range(count):
        i = frame % 8
        cx, cy = 130 + 220 * (k % 8) - 7 * i, 160 + 190 * (k // 8) - 4 * i
        yield np.c_[cx - 30, cy - 60, cx + 30, cy + 60, np.full(40, 0.8), np.zeros(40)], images[i]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for name in ("bytetrack", "botsort", "tracktrack"):
        changed = {} if name == "bytetrack" else {"gmc_method": "none"}
        measure(f"track_100_objects/{name}", tracker(name, **changed), crowd(count))
    measure("botsort_1080p", tracker("botsort"), pan(count))


main()
