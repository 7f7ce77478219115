"""Servers that run `yolo serve`, and what the library itself says about the same images."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
BUILD = Path(os.environ.get("YOLOVINO_BUILD", ROOT / "build/release"))
SHARED = Path(os.environ.get("YOLOVINO_SHARED", ROOT.parent / "shared"))
SAMPLE = ROOT / "assets/sample"
IMAGES = sorted((SAMPLE / "shapes-val/images/val").glob("*.jpg"))[:4]
TASKS = {"detect": "", "segment": "-seg", "classify": "-cls", "pose": "-pose", "obb": "-obb"}
OPTIONS = ["runtime=openvino", "device=cpu", "precision=f32"]


def model_of(task: str) -> Path:
    return SAMPLE / f"yolov8-shapes{TASKS[task]}.pt"


class Server:
    """`yolo serve` on a free port. What it prints is kept."""

    def __init__(self, arguments: list[str], options: list[str] = OPTIONS) -> None:
        self.lines: list[str] = []
        command = [str(BUILD / "yolo"), "serve", "port=0", *options, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.address = ""
        ready = threading.Event()

        def read() -> None:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                found = re.search(r"https?://([\w.:\[\]]+:\d+)", line)
                if found and not self.address:
                    self.address = found[1]
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        if not ready.wait(120) or not self.address:
            self.process.kill()
            raise AssertionError(f"the server did not start: {self.lines}")

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def rss_mb(self) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1024  # type: ignore[index]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(*arguments: str, options: list[str] = OPTIONS) -> Server:
        servers.append(Server(list(arguments), options))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(start: Callable[..., Server]) -> Server:
    """All five tasks of the sample, under the names of their files."""
    return start("model=" + ",".join(str(model_of(task)) for task in TASKS), "drain=0", "model_control=True")


def predicted(task: str, images: list[Path], *options: str) -> list[dict[str, Any]]:
    """The lines of `yolo predict save_json=True`, without what differs from run to run."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "images.txt"
        listing.write_text("\n".join(map(str, images)))
        command = [BUILD / "yolo", "predict", f"model={model_of(task)}", f"source={listing}", "save_json=True", "save=False"]
        command += [f"project={folder}", "name=run", *OPTIONS, *options]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        lines = [line for file in Path(folder).rglob("*.json*") for line in file.read_text().splitlines()]
    return [stable(line) for line in lines]


def stable(line: str | bytes) -> dict[str, Any]:
    """What an image holds, without the times and the name under which it came."""
    result: dict[str, Any] = json.loads(line)
    assert "speed" in result
    return {key: value for key, value in result.items() if key not in ("speed", "path")}


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("rank", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("data", ctypes.POINTER(ctypes.c_float)),
    ]


class _Option(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("value", ctypes.c_char_p)]


def raw_outputs(model: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of the network by the C interface of the library, in this process."""
    library = ctypes.CDLL(str(BUILD / "libyolovino_c.so.1"))
    pointer = ctypes.c_void_p
    for name in ("yv_tensors_at", "yv_model_open", "yv_infer_raw"):
        getattr(library, name).restype = pointer if name == "yv_tensors_at" else ctypes.c_int
    library.yv_tensors_count.restype = ctypes.c_size_t
    options = (_Option * 3)(*((key.encode(), value.encode()) for key, value in (option.split("=") for option in OPTIONS)))
    handle, error, tensors = pointer(), pointer(), pointer()
    assert library.yv_model_open(str(model).encode(), None, ctypes.c_size_t(0), ctypes.byref(handle), ctypes.byref(error)) == 0
    data = np.ascontiguousarray(images, dtype=np.float32)
    tensor = _Tensor(
        ctypes.sizeof(_Tensor),
        data.ndim,
        None,
        (ctypes.c_int64 * data.ndim)(*data.shape),
        data.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
    )
    status = library.yv_infer_raw(
        handle, ctypes.byref(tensor), options, ctypes.c_size_t(3), ctypes.byref(tensors), ctypes.byref(error)
    )
    assert status == 0
    outputs = {}
    for i in range(library.yv_tensors_count(tensors)):
        at = ctypes.cast(library.yv_tensors_at(tensors, ctypes.c_size_t(i)), ctypes.POINTER(_Tensor)).contents
        shape = at.shape[: at.rank]
        outputs[at.name.decode()] = np.ctypeslib.as_array(at.data, shape).copy()
    library.yv_tensors_free(tensors)
    library.yv_model_free(handle)
    return outputs


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
