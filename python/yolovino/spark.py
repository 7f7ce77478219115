"""Predictions and validations on a Spark cluster: ``pip install yolovino pyspark pandas pyarrow``."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark.sql import SparkSession

from yolovino import workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

SCHEMA = "path string, height int, width int, boxes array<float>, json string, error string"


def predict(
    df: DataFrame,
    model: str,
    *,
    key: str = "path",
    content: str = "content",
    threads: int | None = None,
    batch_size: int = 64,
    **options: Any,
) -> DataFrame:
    """Looks at all images of a table. Each Python process of an executor loads the model once.

    Args:
        df: a row for each image, for example ``spark.read.format("binaryFile").load(folder)``.
        model: a checkpoint or an export, on a disk that all machines see.
        key: the column that names the image.
        content: the column with the bytes of the encoded image.
        threads: of each process; None: the CPUs of a task, ``spark.task.cpus``.
        batch_size: rows that a process gives back at once.
        **options: options of ``yolo predict``: ``conf=0.5``, ``imgsz=640``.

    Returns:
        A row for each image: ``path`` (the key), ``height``, ``width``, ``boxes`` (six numbers of each object: corners,
        score, class), ``json`` (as `Results.summary`), and ``error``, which is empty but for an image that failed.
    """
    place = os.path.abspath(model)
    count = threads or _cpus_of_a_task(df.sparkSession)

    def look(tables: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        worker = workers.shared_worker(place, count, options)
        images = (
            (str(name), b"" if image is None else bytes(image))
            for table in tables
            for name, image in zip(table[key], table[content], strict=True)
        )
        rows = worker.stream(images)
        while some := list(islice(rows, batch_size)):
            yield pd.DataFrame(some)

    return df.select(key, content).mapInPandas(look, SCHEMA)


def val(
    spark: SparkSession,
    model: str,
    data: str,
    folder: str,
    *,
    shards: int,
    threads: int | None = None,
    resume: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Validates in parts, which may be lost and repeated, and returns the numbers of the whole.

    Args:
        spark: the session.
        model: a checkpoint or an export, on a disk that all machines see, as are the next two.
        data: the dataset's YAML.
        folder: where the parts are written; each file is named by its part and appears when it is complete.
        shards: parts, several for each process, but no more than the dataset has batches.
        threads: of each process; None: the CPUs of a task, ``spark.task.cpus``.
        resume: leave out the parts that have a file. Files of another run are refused at the end.
        **options: options of ``yolo val``: ``batch=16``, ``imgsz=640``.
    """
    count = threads or _cpus_of_a_task(spark)
    os.makedirs(folder, exist_ok=True)
    settings = {"threads": count, "workers": count, **options}
    where = os.path.abspath(model), os.path.abspath(data)
    place = os.path.abspath(folder)
    numbers = workers.missing_parts(folder, shards, resume)
    if numbers:
        context = spark.sparkContext
        parts = context.parallelize(numbers, len(numbers))
        parts.map(lambda each: workers.write_part(*where, each, shards, place, settings)).collect()
    return workers.merged(folder, shards)


def _cpus_of_a_task(spark: SparkSession) -> int:
    return int(spark.conf.get("spark.task.cpus", "1") or 1)
