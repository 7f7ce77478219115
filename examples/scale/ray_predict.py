"""Detects in a folder of images with Ray, and goes on where a run that was killed stopped.

ray_predict.py IMAGES MODEL OUT [CHECKPOINT]: writes a table of rows, Parquet, into the folder OUT.
"""

import sys

import ray
import ray.data
from ray.data.checkpoint import CheckpointConfig

import yolovino.ray


def main(images: str, model: str, out: str, checkpoint: str | None = None) -> None:
    ray.init(log_to_driver=False)
    if checkpoint:
        # Images whose rows have been written are left out when the program is started again.
        ray.data.DataContext.get_current().checkpoint_config = CheckpointConfig(
            id_column="path", checkpoint_path=checkpoint
        )
    # In f32 the boxes are the same on every kind of CPU; by default some compute in bf16.
    rows = yolovino.ray.predict(images, model, device="cpu", precision="f32")
    rows.write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
