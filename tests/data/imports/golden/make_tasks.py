"""Makes one small network of each task but detect, with weights by chance, as Ultralytics exports it to TensorFlow, and
records what TensorFlow gives for picture.png.

    make_tasks.py networks FOLDER      in an environment with ultralytics 8.4.190: FOLDER/TASK.onnx, FOLDER/TASK.json,
                                       ../tasks/segment_maps_first.onnx
    make_tasks.py tensorflow FOLDER    in one with onnx2tf 1.28.8 and tensorflow-cpu 2.19.1: the files of ../tasks
    make_tasks.py paddle FOLDER        in the first one with x2paddle 1.6.0 and paddlepaddle 3.0.0: the folders and
                                       TASK_paddle_model.npz of ../tasks

TASK.onnx has Ultralytics' `tf_wrapper` head: boxes and keypoints are shares of the input. segment_pixels.onnx, of which
the SavedModel is made, has the plain one. TASK.npz: `output0` f32 [1, rows, 189], boxes and keypoints in pixels, of
classify [1, classes]; `output1` f32 [1, 8, 24, 24].
"""
import glob
import json
import os
import shutil
import sys
import zipfile

step, work = sys.argv[1:3]
golden = os.path.dirname(os.path.abspath(__file__))
home = os.path.join(os.path.dirname(golden), "tasks")
SIDE = 96
CLASSES = 3
KEYPOINTS = [5, 3]
HEADS = {
    "segment": [[15, 18, 21], 1, "Segment", ["nc", 8, 64]],
    "pose": [[15, 18, 21], 1, "Pose", ["nc", "kpt_shape"]],
    "obb": [[15, 18, 21], 1, "OBB", ["nc", 1]],
    "classify": [-1, 1, "Classify", ["nc"]],
}
BACKBONE = [[-1, 1, "Conv", [c, 3, 2]] for c in (64, 128, 256, 512, 1024)]
BACKBONE = [BACKBONE[0], BACKBONE[1], [-1, 1, "C2f", [128, True]], BACKBONE[2], [-1, 1, "C2f", [256, True]],
            BACKBONE[3], [-1, 1, "C2f", [512, True]], BACKBONE[4], [-1, 1, "C2f", [1024, True]]]
NECK = [[-1, 1, "SPPF", [1024, 5]], [-1, 1, "nn.Upsample", [None, 2, "nearest"]], [[-1, 6], 1, "Concat", [1]], [-1, 1, "C2f", [512]],
        [-1, 1, "nn.Upsample", [None, 2, "nearest"]], [[-1, 4], 1, "Concat", [1]], [-1, 1, "C2f", [256]],
        [-1, 1, "Conv", [256, 3, 2]], [[-1, 12], 1, "Concat", [1]], [-1, 1, "C2f", [512]],
        [-1, 1, "Conv", [512, 3, 2]], [[-1, 9], 1, "Concat", [1]], [-1, 1, "C2f", [1024]]]


def networks():
    os.environ.update(YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false")
    import torch
    import yaml
    from ultralytics import YOLO
    from ultralytics.utils.export.tensorflow import tf_wrapper

    for task, head in HEADS.items():
        torch.manual_seed(8)
        description = dict(nc=CLASSES, scales={"n": [0.33, 0.125, 128 if task == "classify" else 64]}, backbone=BACKBONE, reg_max=4,
                           head=([] if task == "classify" else NECK) + [head])
        if task == "pose":
            description["kpt_shape"] = KEYPOINTS
        path = os.path.join(work, f"yolov8n-{task}.yaml")
        yaml.safe_dump(description, open(path, "w"))
        model = YOLO(path, task=task)
        last = model.model.model[-1]
        with torch.no_grad():  # so that scores, masks, and angles differ from place to place
            for module in model.model.modules():
                if isinstance(module, torch.nn.Conv2d):
                    module.weight *= 2
            for branch in getattr(last, "cv3", []) if task != "classify" else []:
                branch[-1].bias.fill_(-1)
            if task == "classify":
                last.linear.weight *= 20
        if task == "segment":
            shutil.move(model.export(format="onnx", imgsz=SIDE, verbose=False), os.path.join(work, "segment_pixels.onnx"))
        model.save(os.path.join(work, f"{task}.pt"))
        model.model = tf_wrapper(model.model)
        shutil.move(model.export(format="onnx", imgsz=SIDE, verbose=False), os.path.join(work, task + ".onnx"))
        import onnx

        if task == "segment":
            maps_first(onnx)
        properties = {p.key: p.value for p in onnx.load(os.path.join(work, task + ".onnx")).metadata_props}
        json.dump(properties, open(os.path.join(work, task + ".json"), "w"))


def maps_first(onnx):
    """The segmentation network without metadata and with its outputs the other way round, and what it gives."""
    import numpy as np
    import onnxruntime
    from PIL import Image

    network = onnx.load(os.path.join(work, "segment.onnx"))
    network.graph.output.append(network.graph.output.pop(0))
    del network.metadata_props[:]
    path = os.path.join(home, "segment_maps_first.onnx")
    onnx.save(network, path)
    picture = np.asarray(Image.open(os.path.join(golden, "picture.png")).convert("RGB"))[None].astype("float32") / 255
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    maps, rows = session.run(None, {"images": picture.transpose(0, 3, 1, 2)})
    rows[:, :4] *= SIDE
    np.savez(path.replace(".onnx", ".npz"), output0=rows, output1=maps)


def metadata_of(task):
    import ast

    properties = json.load(open(os.path.join(work, task + ".json")))
    for key in ("stride", "batch", "imgsz", "names", "args", "kpt_shape", "channels"):
        if key in properties:
            properties[key] = ast.literal_eval(properties[key])
    return properties


def record(task, name, outputs, relative):
    import numpy as np

    rows = min(outputs, key=lambda y: y.ndim).astype("float32")
    arrays = {"output0": rows}
    if relative and rows.ndim == 3:
        rows[:, :4] *= SIDE
        if task == "pose":
            for number in range(2):
                rows[:, 4 + CLASSES + number :: KEYPOINTS[1]] *= SIDE
    if task == "segment":
        arrays["output1"] = max(outputs, key=lambda y: y.ndim).astype("float32").transpose(0, 3, 1, 2)
    np.savez(os.path.join(home, name + ".npz"), **arrays)
    print(name, {key: (value.shape, float(value.min()), float(value.max())) for key, value in arrays.items()})


def interpreted(path, picture):
    import numpy as np
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(path)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    if source["dtype"] != np.float32:
        scale, zero = source["quantization"]
        low, high = np.iinfo(source["dtype"]).min, np.iinfo(source["dtype"]).max
        picture = np.clip(np.round(picture / scale) + zero, low, high).astype(source["dtype"])
    interpreter.set_tensor(source["index"], picture)
    interpreter.invoke()
    outputs = []
    for sink in interpreter.get_output_details():
        y = interpreter.get_tensor(sink["index"])
        if sink["dtype"] != np.float32:
            scale, zero = sink["quantization"]
            y = (y.astype("float32") - zero) * np.float32(scale)
        outputs.append(y)
        print("  ", sink["name"], y.shape, sink["dtype"].__name__)
    return outputs


def convert(name, **options):
    import numpy as np
    import onnx2tf

    # onnx2tf checks itself with pictures that it would download.
    np.save("calibration_image_sample_data_20x128x128x3_float32.npy", np.random.default_rng(0).random((20, 128, 128, 3), np.float32))
    onnx2tf.convert(input_onnx_file_path=name + ".onnx", output_folder_path=name, not_use_onnxsim=True, verbosity="error",
                    enable_batchmatmul_unfold=True, output_signaturedefs=True, **options)


def tensorflow():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_USE_LEGACY_KERAS="True")
    import numpy as np
    import tensorflow as tf
    from PIL import Image

    picture = np.asarray(Image.open(os.path.join(golden, "picture.png")).convert("RGB"))[None].astype("float32") / 255
    os.chdir(work)
    os.makedirs(home, exist_ok=True)
    for task in HEADS:
        options = {}
        if task == "segment":
            turned = [np.roll(picture[0, :, ::flip], shift, axis) for flip in (1, -1) for shift in (0, 30, 60) for axis in (0, 1)]
            np.save("images.npy", np.stack(turned) * 255)
            options = dict(output_integer_quantized_tflite=True, input_quant_dtype="int8", output_quant_dtype="int8",
                           custom_input_op_name_np_data_path=[["images", "images.npy", [[[[0, 0, 0]]]], [[[[255, 255, 255]]]]]])
        convert(task, **options)
        kinds = ["float16"] + (["full_integer_quant"] if task == "segment" else [])
        for kind in kinds:
            name = task + ("" if kind == "float16" else "_" + kind)
            path = os.path.join(home, name + ".tflite")
            shutil.copyfile(f"{task}/{task}_{kind}.tflite", path)
            record(task, name, interpreted(path, picture), True)
            with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("metadata.json", json.dumps(metadata_of(task)))
    convert("segment_pixels")
    target = os.path.join(home, "segment_saved_model")
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target + "/variables")
    for file in ["saved_model.pb", *glob.glob("variables/*", root_dir="segment_pixels")]:
        shutil.copyfile("segment_pixels/" + file, os.path.join(target, file))
    serve = tf.saved_model.load(target).signatures["serving_default"]
    print(serve.structured_outputs)
    record("segment", "segment_saved_model", [y.numpy() for y in serve(tf.constant(picture)).values()], False)


def paddle():
    """The folders that `export format=paddle` writes, without the call stacks of Python in their programs."""
    os.environ.update(YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false", FLAGS_enable_pir_api="0")
    import numpy as np
    import paddle.inference
    import paddle.static
    from PIL import Image
    from ultralytics import YOLO

    picture = np.asarray(Image.open(os.path.join(golden, "picture.png")).convert("RGB"))[None].astype("float32") / 255
    for task in HEADS:
        folder = YOLO(os.path.join(work, f"{task}.pt")).export(format="paddle", imgsz=SIDE, verbose=False)
        target = os.path.join(home, f"{task}_paddle_model")
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target + "/inference_model")
        shutil.copyfile(os.path.join(folder, "metadata.yaml"), os.path.join(target, "metadata.yaml"))
        model = os.path.join(folder, "inference_model", "model")
        paddle.enable_static()
        program = paddle.static.deserialize_program(open(model + ".pdmodel", "rb").read())
        for block in program.blocks:
            for operation in block.ops:
                if operation.has_attr("op_callstack"):
                    operation._remove_attr("op_callstack")
        with open(os.path.join(target, "inference_model", "model.pdmodel"), "wb") as file:
            file.write(program.desc.serialize_to_string())
        shutil.copyfile(model + ".pdiparams", os.path.join(target, "inference_model", "model.pdiparams"))
        paddle.disable_static()
        config = paddle.inference.Config(model + ".pdmodel", model + ".pdiparams")
        config.disable_glog_info()
        predictor = paddle.inference.create_predictor(config)
        predictor.get_input_handle(predictor.get_input_names()[0]).copy_from_cpu(picture.transpose(0, 3, 1, 2).copy())
        predictor.run()
        outputs = [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
        np.savez(target + ".npz", **{f"output{i}": y for i, y in enumerate(outputs)})
        print(task, [(y.shape, float(y.min()), float(y.max())) for y in outputs])


{"networks": networks, "tensorflow": tensorflow, "paddle": paddle}[step]()
