"""Records what Ultralytics answers for the checkpoints that `forge_yolov8` writes.

    for s in n s m l x; do build/release/tests/forge_yolov8 $s FOLDER/yolov8$s.pt; done
    python record.py FOLDER

Needs ultralytics (the files here: 8.4.190 with PyTorch 2.15.0, on a CPU, in f32).
"""

import sys
from pathlib import Path

import numpy as np
import torch
from ultralytics import YOLO

SIDE = 64


def picture():
    """The same pixels as in tests/unit/nets/sizes_test.cpp, [side, side, 3] u8."""
    y, x, c = np.mgrid[0:SIDE, 0:SIDE, 0:3]
    return ((7 * x + 13 * y + 29 * c + x * y // 8) % 256).astype(np.uint8)


for scale in "nsmlx":
    net = YOLO(Path(sys.argv[1]) / f"yolov8{scale}.pt").model.float().fuse().eval()
    pixels = torch.from_numpy(picture().transpose(2, 0, 1)[None].copy()).float() / 255
    with torch.no_grad():
        output = net(pixels)
    np.save(Path(__file__).parent / f"{scale}.npy", (output[0] if isinstance(output, (list, tuple)) else output).numpy())
