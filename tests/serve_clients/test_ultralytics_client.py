"""Ultralytics' own client for Triton, taken from its wheel alone, without PyTorch, on OpenVINO CPU f32."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from conftest import TASKS, Server, model_of, raw_outputs

CLIENT = Path(sys.prefix) / "ultralytics/utils/triton.py"


def remote_model(url: str):
    assert CLIENT.exists(), "tools/setup.sh serve installs it"
    spec = importlib.util.spec_from_file_location("ultralytics_triton", CLIENT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TritonRemoteModel(url)


def test_every_task_with_metadata_and_outputs(start: Callable[..., Server]) -> None:
    # A server of its own: after four shapes of images a checkpoint runs as one network of any shape, whose sums differ.
    server = start("model=" + ",".join(str(model_of(task)) for task in TASKS), "drain=0")
    for task in TASKS:
        model = remote_model(f"{server.url}/{model_of(task).stem}/{task}")
        assert model.metadata["task"] == task
        assert model.metadata["stride"] == 32 or task == "classify"
        assert list(model.metadata["names"]) == list(range(len(model.metadata["names"])))
        assert task != "detect" or model.metadata["names"] == {0: "circle", 1: "square", 2: "triangle", 3: "star"}
        assert ("kpt_shape" in model.metadata) == (task == "pose")
        images = np.random.default_rng(1).random((1, 3, 96, 64), dtype=np.float32)
        if task == "classify":
            images = images[:, :, :64]
        wanted = raw_outputs(model_of(task), images)
        got = model(images)
        assert len(got) == len(wanted)
        for name, output in zip(sorted(wanted), got, strict=True):
            np.testing.assert_array_equal(output, wanted[name])
