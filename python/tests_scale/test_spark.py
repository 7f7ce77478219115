"""A real Spark, some of whose workers are killed: one session for all, since a start takes long."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MODEL, OPTIONS, expect_equal, kill, processes_below
from pyspark.sql import SparkSession
from test_ray import DATA, whole_is_merged

import yolovino.spark

MOST_MEMORY_KB = 1_500_000


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "700m")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )
    yield session
    session.stop()


class Workers(threading.Thread):
    """Watches the Python workers below Spark: kills some of them once they have loaded the library."""

    def __init__(self, kills: int) -> None:
        super().__init__(daemon=True)
        self._kills = kills
        self._ended = threading.Event()
        self.killed: list[int] = []
        self.peak_kb = 0

    def run(self) -> None:
        while not self._ended.is_set():
            for process in processes_below(os.getpid()):
                try:
                    status = Path(f"/proc/{process}/status").read_text()
                    is_worker = "libopenvino" in Path(f"/proc/{process}/maps").read_text()
                except OSError:
                    continue
                if not is_worker:
                    continue
                self.peak_kb = max(self.peak_kb, int(status.split("VmHWM:")[1].split()[0]))
                if len(self.killed) < self._kills:
                    time.sleep(0.3)
                    kill(process)
                    self.killed.append(process)
                    break
            time.sleep(0.1)

    def end(self) -> None:
        self._ended.set()
        self.join()


@pytest.fixture
def watch() -> Iterator[Callable[[int], Workers]]:
    watchers: list[Workers] = []

    def begin(kills: int) -> Workers:
        watchers.append(Workers(kills))
        watchers[-1].start()
        return watchers[-1]

    yield begin
    for each in watchers:
        each.end()


def test_every_image_has_one_row_though_workers_are_killed(
    spark: SparkSession, images: Path, answers: dict[str, Any], watch: Callable[[int], Workers]
) -> None:
    watcher = watch(2)
    files = spark.read.format("binaryFile").load(str(images)).repartition(16)
    rows = yolovino.spark.predict(files, str(MODEL), **OPTIONS).collect()
    watcher.end()
    assert len(watcher.killed) == 2, "the test did not look: no worker was killed"
    expect_equal([row.asDict() for row in rows], answers)
    assert 0 < watcher.peak_kb < MOST_MEMORY_KB


def test_keys_are_carried_and_columns_named(spark: SparkSession, images: Path) -> None:
    some = sorted(images.glob("0*.jpg"))[:3]
    table = spark.createDataFrame([(i, each.read_bytes()) for i, each in enumerate(some)], "id int, picture binary")
    rows = yolovino.spark.predict(table, str(MODEL), key="id", content="picture", **OPTIONS).collect()
    assert sorted(row.path for row in rows) == ["0", "1", "2"]
    assert all(row.height > 0 and not row.error for row in rows)


def test_a_validation_in_parts_is_the_whole_though_workers_are_killed(
    spark: SparkSession, tmp_path: Path, watch: Callable[[int], Workers]
) -> None:
    watcher = watch(1)
    found = yolovino.spark.val(
        spark, str(MODEL), str(DATA), str(tmp_path / "parts"), shards=16, batch=2, **OPTIONS
    )
    watcher.end()
    assert len(watcher.killed) == 1, "the test did not look: no worker was killed"
    (tmp_path / "merged.json").write_text(json.dumps(found))
    whole_is_merged(tmp_path)
