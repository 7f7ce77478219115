"""Detects in a folder of images with Spark.

spark_predict.py IMAGES MODEL OUT: writes a table of rows, Parquet, into the folder OUT.
"""

import sys

from pyspark.sql import SparkSession

import yolovino.spark


def main(images: str, model: str, out: str) -> None:
    spark = (
        SparkSession.builder.appName("yolovino")
        # A task whose worker is lost is tried again; a cluster does that without being told.
        .master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    files = spark.read.format("binaryFile").load(images).repartition(16)
    yolovino.spark.predict(files, model, device="cpu").write.parquet(out)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
