"""The package in processes: start, threads, forks, pickles, Ctrl-C, notebooks, and a library that is not there."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import sample_data, sample_images, sample_model

from yolovino import YOLO, Error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Model = Callable[[str], YOLO]
    Python = Callable[..., subprocess.CompletedProcess[str]]


def boxes_of(path: str, image: str) -> list[list[float]]:
    found = YOLO(path, device="cpu", precision="f32")(image, verbose=False)[0].boxes
    assert found is not None
    rows: list[list[float]] = found.data.tolist()
    return rows


def test_one_openvino_is_loaded_whatever_is_imported_first(python: Python) -> None:
    script = """
import sys
model, image, order = sys.argv[1:]
if order == "before": import openvino
import yolovino
assert len(yolovino.YOLO(model)(image, verbose=False)[0]) > 0
if order == "after": import openvino; openvino.Core()
paths = {line.split()[-1] for line in open("/proc/self/maps") if "libopenvino.so" in line}
assert len(paths) == 1, paths
"""
    for order in ("before", "after", "never"):
        done = python(script, sample_model("detect"), sample_images("detect")[1], order)
        assert done.returncode == 0, done.stderr


def test_import_loads_neither_numpy_nor_the_library(python: Python) -> None:
    done = python(
        "import sys, yolovino; print('numpy' in sys.modules, 'libyolovino' in open('/proc/self/maps').read())"
    )
    assert done.stdout == "False False\n", done.stderr


def test_many_threads_use_one_model_at_the_same_time(model: Model) -> None:
    yolo = model("detect")
    files = sample_images("detect")[:8]
    expected = [yolo(file, verbose=False)[0].to_json() for file in files]
    found: dict[int, list[str]] = {}

    def work(thread: int) -> None:
        found[thread] = [yolo(file.read_bytes(), verbose=False)[0].to_json() for file in files]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 6


def test_other_threads_run_while_the_library_works(model: Model) -> None:
    yolo = model("detect")
    image = np.zeros((640, 640, 3), np.uint8)
    ticks = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    before = time.monotonic()
    calls = 0
    while time.monotonic() - before < 0.5:
        yolo(image, verbose=False)
        calls += 1
    stop.set()
    thread.join()
    # With the lock held during calls there would be about one tick for each call.
    assert len(ticks) > 3 * calls or len(ticks) > 200


def test_use_after_fork_is_refused_in_one_line(model: Model) -> None:
    yolo = model("detect")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            yolo(np.zeros((8, 8, 3), np.uint8), verbose=False)
            os.write(write, b"no error")
        except Error as error:
            os.write(write, f"{error.code}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert said.startswith("RuntimeFailure: ")
    assert "fork" in said
    assert "spawn" in said
    assert "\n" not in said


def test_children_of_a_fork_right_after_the_start_can_import_numpy(python: Python) -> None:
    script = """
import os, sys
from yolovino import YOLO
YOLO(sys.argv[1])
child = os.fork()
if child == 0:
    import numpy
    os._exit(numpy.zeros(3).size)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = python(script, sample_model("detect"))
    assert done.stdout == "3\n", done.stderr


def test_children_that_are_spawned_load_their_own(model: Model) -> None:
    image = str(sample_images("detect")[1])
    expected = boxes_of(str(sample_model("detect")), image)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(boxes_of, (str(sample_model("detect")), image)) == expected


def test_model_pickles_as_path_and_options(model: Model) -> None:
    text = pickle.dumps(model("detect"))
    assert len(text) < 500
    other = pickle.loads(text)
    image = sample_images("detect")[1]
    assert other.overrides == {"device": "cpu", "precision": "f32"}
    assert other(image, verbose=False)[0].to_json() == model("detect")(image, verbose=False)[0].to_json()


def test_errors_pickle_with_their_code() -> None:
    with pytest.raises(Error) as caught:
        YOLO("nothing-here.pt")
    other = pickle.loads(pickle.dumps(caught.value))
    assert (other.code, str(other), other.file) == ("NotFound", str(caught.value), caught.value.file)


@pytest.mark.parametrize("work", ["stream", "val"])
def test_ctrl_c_ends_long_work_with_keyboard_interrupt(work: str, tmp_path: Path) -> None:
    script = f"""
import sys
from yolovino import YOLO
yolo = YOLO({str(sample_model("detect"))!r})
image = {str(sample_images("detect")[0])!r}
yolo(image, verbose=False)
print("ready", flush=True)
try:
    while True:
        if {work!r} == "stream":
            yolo([image] * 8, verbose=False)
        else:
            yolo.val(data={str(sample_data("detect"))!r}, plots=False, verbose=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    begin = time.monotonic()
    # A validation that ended before has printed its table.
    assert child.stdout.read().splitlines()[-1:] == ["interrupted"]
    assert time.monotonic() - begin < 5
    assert child.wait(30) in (0, 130)


def test_a_library_that_is_not_there_is_reported_in_one_line(python: Python, tmp_path: Path) -> None:
    script = """
import yolovino
try:
    yolovino.YOLO("x.pt")
except yolovino.Error as error:
    print(error.code, error)
"""
    done = python(script, YOLOVINO_LIBRARY=str(tmp_path / "libyolovino_c.so.1"))
    assert done.stdout.startswith("MissingComponent [python] the library is not there")
    assert done.stdout.count("\n") == 1


def test_the_command_is_that_of_the_library(tmp_path: Path) -> None:
    def yolo(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "yolovino", *words], capture_output=True, text=True, cwd=tmp_path, check=False
        )

    assert yolo("version").stdout.strip() == __import__("yolovino").__version__
    assert "imgsz" in yolo("help", "predict").stdout
    refused = yolo("predict", "cnf=3")
    assert refused.returncode == 2
    assert refused.stderr.startswith("ERROR ")
    done = yolo("predict", f"model={sample_model('detect')}", f"source={sample_images('detect')[0]}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs" / "detect" / "predict" / "0000.jpg").is_file()


def test_progress_is_for_terminals_and_notebooks_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from yolovino.messages import Progress

    Progress().show("calibrating", 1, 4)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    line = Progress()
    line.show("calibrating", 1, 4)
    line.show("calibrating", 2, 4)
    assert capsys.readouterr().err == "\rcalibrating 25%"
    line.show("calibrating", 4, 4)
    assert capsys.readouterr().err == "\r"
