"""kserve_client.py URL MODEL IMAGES.npy IMAGE RAW.npy: asks a server with KServe's client, and prints what it says."""

import asyncio
import json
import sys
from pathlib import Path

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig


async def main() -> None:
    url, model, images_file, image_file, raw_file = sys.argv[1:]
    client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=120))
    images = np.load(images_file)
    tensor = InferInput("images", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images, binary_data=True)
    raw = await client.infer(url, InferRequest(model, [tensor], request_id="raw"), model_name=model)
    np.save(raw_file, raw.outputs[0].as_numpy())
    file = InferInput("image", [1], "BYTES")
    file.set_data_from_numpy(np.array([Path(image_file).read_bytes()], dtype=np.object_), binary_data=True)
    boxes_model = model + "_boxes"
    boxes = await client.infer(url, InferRequest(boxes_model, [file]), model_name=boxes_model)
    result = next(output for output in boxes.outputs if output.name == "results")
    line = result.as_numpy()[0] if result.data is None or not isinstance(result.data[0], str) else result.data[0]
    print(
        json.dumps(
            {
                "live": await client.is_server_live(url),
                "ready": await client.is_server_ready(url),
                "model_ready": await client.is_model_ready(url, model),
                "result": line.decode() if isinstance(line, bytes) else line,
            }
        )
    )


asyncio.run(main())
