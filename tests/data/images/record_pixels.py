#!/usr/bin/env python3
"""Records what the reference reads from the images of this folder: `record_pixels.py FOLDER`.

Runs in the environment of the real Ultralytics (with pi-heif, which it installs by itself when it meets a HEIC file).
Writes expected.json (for each file: height, width, offset into the pixels, type of the reference's array) and
pixels.z (zlib: 8-bit BGR arrays, one behind the other). Values that are not 8-bit are rounded and clipped.
"""
import json
import os
import sys
import zlib
from pathlib import Path

os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
import cv2
import numpy as np
import PIL
import ultralytics
from ultralytics.utils.patches import imread

folder = Path(sys.argv[1])
pixels, places, images = bytearray(), {}, {}


def read(file):
    try:
        return imread(str(file))
    except Exception:
        return None


for file in sorted(folder.iterdir()):
    if file.suffix in (".py", ".json", ".z", ".md"):
        continue
    first, second = read(file), read(file)
    if first is None:
        images[file.name] = {"refused": True}
        continue
    if not np.array_equal(first, second):
        images[file.name] = {"undefined": True, "height": first.shape[0], "width": first.shape[1]}
        continue
    data = np.clip(np.rint(first.astype(np.float64)), 0, 255).astype(np.uint8)
    assert data.ndim == 3 and data.shape[2] == 3, file
    data = data.tobytes()
    if data not in places:
        places[data] = len(pixels)
        pixels += data
    images[file.name] = {"height": first.shape[0], "width": first.shape[1], "at": places[data]}
    if first.dtype != np.uint8:
        images[file.name]["dtype"] = str(first.dtype)

try:
    import pi_heif
    heif = f"pi-heif {pi_heif.__version__} (libheif {pi_heif.libheif_version()})"
except ImportError:
    heif = "no pi-heif"
head = {"recorded_with": f"ultralytics {ultralytics.__version__}, opencv {cv2.__version__}, pillow {PIL.__version__}, {heif}",
        "read_by": "ultralytics.utils.patches.imread", "pixel_bytes": len(pixels)}
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(images.items()))
(folder / "expected.json").write_text(f'{{"about": {json.dumps(head)},\n"images": {{\n{lines}\n}}}}\n')
(folder / "pixels.z").write_bytes(zlib.compress(bytes(pixels), 9))
