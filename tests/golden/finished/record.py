"""Records rows of networks that choose boxes themselves, with other arguments than the defaults.

    python record.py SHARED [NAME ...]

SHARED is the folder of reference data, whose golden/tasks holds the checkpoints and the pixels. Needs ultralytics (the
files here: 8.4.190 with PyTorch 2.15.0 and torchvision 0.29.2, TorchScript on a CPU, in f32).
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import torchvision  # noqa: F401, its nms is called by the archives
from ultralytics import YOLO

HERE = Path(__file__).resolve().parent
TASKS = Path(sys.argv[1]) / "golden/tasks"
FAMILIES = HERE.parent / "families"
NAMES = ["11det", "v8seg", "v8pose52", "v8obb", "26det", "26obb", "v10n"]
ARGUMENTS = {
    "nms_agnostic": {"nms": True, "conf": 0.1, "iou": 0.45, "max_det": 20, "agnostic_nms": True},
    "nms_few": {"nms": True, "conf": 0.3, "iou": 0.3, "max_det": 7},
    "nms_many": {"nms": True, "conf": 0.01, "iou": 0.9, "max_det": 900},
    "end2end_agnostic": {"nms": False, "max_det": 40, "agnostic_nms": True},
    "end2end_few": {"nms": False, "max_det": 9},
}

file = HERE / "rows.npz"
arrays = dict(np.load(file)) if file.exists() else {}
for name in sys.argv[2:] or NAMES:
    home = FAMILIES if name == "v10n" else TASKS
    network = json.loads((home / "networks.json").read_text())[name]
    pixels = np.load(home / network.get("input", "image.npy"))
    images = torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()).float() / 255
    for key, arguments in ARGUMENTS.items():
        if arguments["nms"] is False and not name.startswith(("26", "v10")):
            continue
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / f"{name}.pt"
            shutil.copy(home / checkpoint.name, checkpoint)
            archive = YOLO(checkpoint).export(format="torchscript", imgsz=network["imgsz"], **arguments)
            with torch.no_grad():
                output = torch.jit.load(archive)(images)
        rows = (output[0] if isinstance(output, tuple) else output).numpy()
        arrays[f"{name}_{key}"] = rows[:, rows[0, :, 4] > 0]
np.savez_compressed(file, **arrays)
