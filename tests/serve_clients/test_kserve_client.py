"""KServe's own REST client on OpenVINO CPU f32, in an environment of its own: the test starts it as a process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import IMAGES, ROOT, Server, model_of, predicted, raw_outputs, stable

PYTHON = ROOT / ".venv-kserve/bin/python"


def test_health_metadata_raw_outputs_and_boxes(server: Server, tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("KServe's client is not installed: tools/setup.sh serve")
    images = np.random.default_rng(5).random((1, 3, 64, 64), dtype=np.float32)
    np.save(tmp_path / "images.npy", images)
    name = model_of("detect").stem
    script = Path(__file__).parent / "kserve_client.py"
    command = [PYTHON, script, server.url, name, tmp_path / "images.npy", IMAGES[0], tmp_path / "raw.npy"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["live"] and answer["ready"] and answer["model_ready"]
    assert stable(answer["result"]) == predicted("detect", IMAGES[:1])[0]
    np.testing.assert_array_equal(np.load(tmp_path / "raw.npy"), raw_outputs(model_of("detect"), images)["output0"])
