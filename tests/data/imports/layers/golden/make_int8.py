"""An 8-bit TensorFlow Lite model of the Keras model, and one that takes bytes: tensorflow-cpu 2.19.1, tf_keras 2.19.0."""
import os
import sys

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np
import tensorflow as tf
import tf_keras

folder = sys.argv[1]
model = tf_keras.models.load_model(os.path.join(folder, "tiny.h5"), compile=False)
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
rng = np.random.default_rng(1)
converter.representative_dataset = lambda: ([rng.random((1, 64, 64, 3), "float32")] for _ in range(4))
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = converter.inference_output_type = tf.int8
open(os.path.join(folder, "tiny_int8.tflite"), "wb").write(converter.convert())


@tf.function(input_signature=[tf.TensorSpec([1, 64, 64, 3], tf.uint8)])
def takes_bytes(images):
    return tf.reshape(tf.cast(images, tf.float32)[..., :1] / 255.0, [1, 64, 64])


converter = tf.lite.TFLiteConverter.from_concrete_functions([takes_bytes.get_concrete_function()])
open(os.path.join(folder, "tiny_bytes.tflite"), "wb").write(converter.convert())
