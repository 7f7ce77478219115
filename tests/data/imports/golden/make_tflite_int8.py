"""Makes 8-bit TensorFlow Lite models as Ultralytics up to 8.3 did for `format=tflite int8=True`, and records what
TensorFlow's interpreter gives for picture.png.

    make_tflite_int8.py ONNX PICTURES

ONNX is Ultralytics' export of the network with its `tf_wrapper` head (boxes in shares of the input), of which
yolov8-tiny_float16.tflite was made, too. Calibrated on the first 32 pictures of the folder PICTURES. NAME.npy is f32
[1, 8, 189], boxes in pixels, whole numbers made floats by the file's own scale. onnx2tf 1.28.8, tensorflow-cpu 2.19.1.
"""
import glob
import json
import os
import shutil
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_USE_LEGACY_KERAS"] = "True"  # as Ultralytics for onnx2tf
import numpy as np
import onnx2tf
import tensorflow as tf
from PIL import Image

network, pictures = sys.argv[1:3]
golden = os.path.dirname(os.path.abspath(__file__))
folder = os.path.dirname(golden)
SIDE = 96


def letterboxed(file):
    image = Image.open(file).convert("RGB")
    gain = SIDE / max(image.size)
    image = image.resize([round(side * gain) for side in image.size], Image.Resampling.BILINEAR)
    canvas = Image.new("RGB", (SIDE, SIDE), (114, 114, 114))
    canvas.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    return np.asarray(canvas)


def record(name, path):
    interpreter = tf.lite.Interpreter(path)
    interpreter.allocate_tensors()
    (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
    picture = np.asarray(Image.open(os.path.join(golden, "picture.png")).convert("RGB"))[None].astype("float32") / 255
    if source["dtype"] != np.float32:
        scale, zero = source["quantization"]
        low, high = np.iinfo(source["dtype"]).min, np.iinfo(source["dtype"]).max
        picture = np.clip(np.round(picture / scale) + zero, low, high).astype(source["dtype"])
    interpreter.set_tensor(source["index"], picture)
    interpreter.invoke()
    y = interpreter.get_tensor(sink["index"])
    if sink["dtype"] != np.float32:
        scale, zero = sink["quantization"]
        y = (y.astype("float32") - zero) * np.float32(scale)
    y[:, :4] *= SIDE
    np.save(os.path.join(golden, name), y.astype("float32"))
    print(name, source["dtype"].__name__, source["quantization"], sink["dtype"].__name__, sink["quantization"], y.shape, y[:, 4:].max())


work = tempfile.mkdtemp()
os.chdir(work)
images = [letterboxed(file) for file in sorted(glob.glob(os.path.join(pictures, "*.jpg")))[:32]]
np.save("images.npy", np.stack(images).astype("float32"))
# onnx2tf checks itself with pictures that it would download.
np.save("calibration_image_sample_data_20x128x128x3_float32.npy", np.random.default_rng(0).random((20, 128, 128, 3), np.float32))
for kind in ("int8", "uint8"):
    onnx2tf.convert(
        input_onnx_file_path=network, output_folder_path=kind, not_use_onnxsim=True, verbosity="error",
        output_integer_quantized_tflite=True, input_quant_dtype=kind, output_quant_dtype=kind,
        custom_input_op_name_np_data_path=[["images", "images.npy", [[[[0, 0, 0]]]], [[[[255, 255, 255]]]]]],
        enable_batchmatmul_unfold=True)
stem = os.path.splitext(os.path.basename(network))[0]
with zipfile.ZipFile(os.path.join(folder, "yolov8-tiny_float16.tflite")) as archive:
    metadata = json.loads(archive.read("metadata.json"))
metadata["args"]["int8"] = True
for name, made in (("int8", "int8/%s_integer_quant.tflite"), ("dynamic_range_quant", "int8/%s_dynamic_range_quant.tflite"),
                   ("full_integer_quant", "int8/%s_full_integer_quant.tflite"), ("full_integer_uint8", "uint8/%s_full_integer_quant.tflite")):
    path = os.path.join(folder, "yolov8-tiny_" + name + ".tflite")
    shutil.copyfile(made % stem, path)
    record("tflite_" + name, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
shutil.rmtree(work)
