"""Engine efficiency: the rate of Ray and of Spark as a share of that of `yolo predict` on the same cores.

scale.py COMMAND MODEL PHOTOS [RUNS [FEW MANY]]: in an environment with the package, Ray, and Spark. The rate is the slope between
few and many photos, so that the start does not count; the programs run in turn.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAY = """
import sys, ray, yolovino.ray
ray.init(log_to_driver=False, num_cpus=int(sys.argv[4]))
rows = yolovino.ray.predict(sys.argv[1], sys.argv[2], device="cpu")
rows.write_parquet(sys.argv[3])
"""

SPARK = """
import sys, yolovino.spark
from pyspark.sql import SparkSession
cpus = sys.argv[4]
spark = (SparkSession.builder.master(f"local[{cpus},4]").config("spark.task.cpus", cpus)
         .config("spark.ui.enabled", "false").config("spark.driver.memory", "700m").getOrCreate())
files = spark.read.format("binaryFile").load(sys.argv[1])
yolovino.spark.predict(files, sys.argv[2], device="cpu").write.parquet(sys.argv[3])
"""


def seconds(words: list[str]) -> float:
    """How long a program takes."""
    begin = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def rate(program: str, command: str, model: str, folders: dict[int, Path], scratch: Path) -> float:
    """Images in a second."""
    took: dict[int, float] = {}
    for count, folder in folders.items():
        out = scratch / "out"
        shutil.rmtree(out, ignore_errors=True)
        if program == "yolo":
            options = ["save=False", "device=cpu", "performance=throughput", "verbose=False"]
            words = [command, "predict", f"model={model}", f"source={folder}", *options]
        else:
            script = {"ray": RAY, "spark": SPARK}[program]
            cpus = len(os.sched_getaffinity(0))
            words = [sys.executable, "-c", script, str(folder), model, str(out), str(cpus)]
        took[count] = seconds(words)
    few, many = folders
    return (many - few) / (took[many] - took[few])


def main(command: str, model: str, photos: str, runs: str = "3", few: str = "512", many: str = "2048") -> None:
    """Prints a line for each program."""
    found = sorted(Path(photos).glob("*.jpg"))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folders = {count: scratch / str(count) for count in (int(few), int(many))}
        for count, folder in folders.items():
            folder.mkdir()
            for i in range(count):
                shutil.copy(found[i % len(found)], folder / f"{i:05d}.jpg")
        rates: dict[str, list[float]] = {"yolo": [], "ray": [], "spark": []}
        for _ in range(int(runs)):
            for program, each in rates.items():
                each.append(rate(program, command, model, folders, scratch))
                print(program, f"{each[-1]:.1f} images/s", flush=True)
    base = statistics.median(rates["yolo"])
    for program, each in rates.items():
        median = statistics.median(each)
        print(f"{program}: {median:.1f} images/s, {100 * median / base:.0f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
