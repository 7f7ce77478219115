"""Engine efficiency: the rate of Ray and of Spark as a share of that of `yolo predict` on the same cores.

scale.py COMMAND MODEL PHOTOS [RUNS [COUNT]]: in an environment with the package, Ray, and Spark. The rate is that of
all images after the first quarter, from when each was done, so that the start does not count. The programs run in turn.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAY = """
import json, sys, time, ray, yolovino.ray
ray.init(log_to_driver=False, num_cpus=int(sys.argv[3]))
rows = yolovino.ray.predict(sys.argv[1], sys.argv[2], device="cpu")
print(json.dumps([t for batch in rows.iter_batches(batch_size=None) for t in [time.time()] * len(batch["path"])]))
"""

SPARK = """
import json, sys, time, yolovino.spark
from pyspark.sql import SparkSession
cpus = sys.argv[3]
spark = (SparkSession.builder.master(f"local[{cpus},4]").config("spark.task.cpus", cpus)
         .config("spark.ui.enabled", "false").config("spark.driver.memory", "700m").getOrCreate())
files = spark.read.format("binaryFile").load(sys.argv[1]).repartition(4)
rows = yolovino.spark.predict(files, sys.argv[2], device="cpu")
print(json.dumps(rows.rdd.map(lambda row: time.time()).collect()))
"""


def times_of(program: str, command: str, model: str, folder: Path) -> list[float]:
    """When each image was done."""
    if program == "yolo":
        options = ["save=False", "device=cpu", "performance=throughput"]
        words = [command, "predict", f"model={model}", f"source={folder}", *options]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            return [time.time() for line in process.stdout if line.startswith("image ")]
    script = {"ray": RAY, "spark": SPARK}[program]
    words = [sys.executable, "-c", script, str(folder), model, str(len(os.sched_getaffinity(0)))]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def rate(times: list[float]) -> float:
    """Images in a second."""
    times = sorted(times)
    skipped = len(times) // 4
    # Images of one batch have one time: the next batch begins behind it.
    while skipped + 1 < len(times) and times[skipped] == times[skipped + 1]:
        skipped += 1
    return (len(times) - 1 - skipped) / (times[-1] - times[skipped])


def main(command: str, model: str, photos: str, runs: str = "3", count: str = "2048") -> None:
    """Prints a line for each program."""
    found = sorted(Path(photos).glob("*.jpg"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(int(count)):
            shutil.copy(found[i % len(found)], folder / f"{i:05d}.jpg")
        rates: dict[str, list[float]] = {"yolo": [], "ray": [], "spark": []}
        for _ in range(int(runs)):
            for program, each in rates.items():
                times = times_of(program, command, model, folder)
                assert len(times) == int(count), f"{program} gave {len(times)} rows"
                each.append(rate(times))
                print(program, f"{each[-1]:.1f} images/s", flush=True)
    base = statistics.median(rates["yolo"])
    for program, each in rates.items():
        median = statistics.median(each)
        print(f"{program}: {median:.1f} images/s, {100 * median / base:.0f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
