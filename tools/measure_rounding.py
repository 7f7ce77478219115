#!/usr/bin/env python3
"""Measures how far Ultralytics' own ONNX and TorchScript exports of the recorded networks are from its OpenVINO export.

usage: measure_rounding.py TASKS, in the environment of shared/tools/reference_env.sh

TASKS is the folder shared/golden/tasks: checkpoints, inputs, and outputs recorded with OpenVINO. What is printed is what
the runtimes alone do to an untrained network: the least that tests of other runtimes must allow.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np
import onnxruntime
import torch
from ultralytics import YOLO


def run_onnx(file, image):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"images": image})


def run_torchscript(file, image):
    with torch.no_grad():
        outputs = torch.jit.load(file)(torch.from_numpy(image))
    return [each.numpy() for each in (outputs if isinstance(outputs, (tuple, list)) else [outputs])]


def difference(output, recorded, classes):
    """Boxes in pixels, scores, and all further rows (coefficients, keypoints in pixels, angles)."""
    apart = np.abs(output.reshape(recorded.shape) - recorded)
    if recorded.ndim != 3:
        return f"{apart.max():.1e}"
    rest = apart[:, 4 + classes :]
    line = f"boxes {apart[:, :4].max():.4f} px, scores {apart[:, 4 : 4 + classes].max():.1e}"
    return line + (f", further rows {rest.max():.1e}" if rest.size else "")


def main():
    tasks = pathlib.Path(sys.argv[1])
    networks = json.loads((tasks / "networks.json").read_text())
    with tempfile.TemporaryDirectory() as work:
        for name, facts in networks.items():
            checkpoint = shutil.copy(tasks / f"{name}.pt", work)
            image = np.load(tasks / facts["input"]).transpose(2, 0, 1)[None].astype(np.float32) / 255
            recorded = np.load(tasks / f"{name}.npz")
            for form, run in (("onnx", run_onnx), ("torchscript", run_torchscript)):
                file = YOLO(checkpoint).export(format=form, imgsz=image.shape[-1], verbose=False)
                for index, output in enumerate(run(file, image)):
                    key = f"output{index}"
                    if key in recorded:
                        print(name, form, key, difference(output, recorded[key], len(facts["names"])), flush=True)


if __name__ == "__main__":
    main()
