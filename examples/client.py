"""Asks TensorFlow Serving, over REST and over gRPC, about texts.

`examples.serve` writes the model and tells how to start the server. From a clone:
    pip install tensorflow-serving-api
    python -m examples.client questions "How tall is Mount Everest ?"
"""

import sys

import grpc
import requests
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

REST, GRPC = "http://localhost:8501", "localhost:8500"


def over_rest(model, texts, address=REST):
    """The outputs by name, as lists."""
    url = f"{address}/v1/models/{model}:predict"
    answer = requests.post(url, json={"inputs": {"text": texts}}, timeout=10)
    found = answer.json()
    if "error" in found:
        raise ValueError(found["error"])
    return found["outputs"]


def over_grpc(model, texts, address=GRPC):
    """The outputs by name, as arrays."""
    request = PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = "serving_default"
    request.inputs["text"].CopyFrom(tf.make_tensor_proto(texts))
    with grpc.insecure_channel(address) as channel:
        answer = PredictionServiceStub(channel).Predict(request, timeout=10)
    return {name: tf.make_ndarray(proto) for name, proto in answer.outputs.items()}


def main(model, *texts, rest=REST, rpc=GRPC):
    one, other = over_rest(model, texts, rest), over_grpc(model, texts, rpc)
    for number, text in enumerate(texts):
        kind, chance = one["kind"][number], one["probability"][number]
        same = other["kind"][number].decode(), float(other["probability"][number])
        print(f"{text}  REST: {kind} {chance:.3f}  gRPC: {same[0]} {same[1]:.3f}")
    return one, other


if __name__ == "__main__":
    main(*sys.argv[1:])
