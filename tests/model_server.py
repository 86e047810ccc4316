"""A stand-in for TensorFlow Serving, by REST and by gRPC, on the loopback address.

It answers as that does: `tensorflow_serving/util/json_tensor.cc` says what JSON looks
like, `model_servers/http_rest_api_handler.cc` what paths are.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_service_pb2_grpc
from tensorflow_serving.apis.predict_pb2 import PredictResponse

PATH = re.compile(r"/v1/models/([^/:]+):predict")


class Served:
    """The last version of a model in a folder that `export` wrote."""

    def __init__(self, folder):
        numbers = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
        self.name = folder.name
        self._model = tf.saved_model.load(str(folder / str(max(numbers))))

    def __call__(self, name, signature, inputs):
        if name != self.name:
            raise LookupError(f"Servable not found for request: Latest({name})")
        function = self._model.signatures[signature or "serving_default"]
        _, specs = function.structured_input_signature
        sent = {key: tf.constant(inputs[key], specs[key].dtype) for key in specs}
        return function(**sent)

    def inputs(self, signature):
        function = self._model.signatures[signature or "serving_default"]
        return list(function.structured_input_signature[1])


@contextmanager
def rest(served):
    """Serves by REST; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = _answered(served, self.path, json.loads(body))
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _answered(served, path, body):
    """The status, and what is sent back as JSON."""
    found = PATH.fullmatch(path)
    if not found:
        return 404, {"error": f"Malformed request: POST {path}"}
    signature = body.get("signature_name")
    inputs = body["inputs"]
    if not isinstance(inputs, dict):
        (name,) = served.inputs(signature)
        inputs = {name: inputs}
    try:
        outputs = served(found[1], signature, inputs)
    except LookupError as error:
        return 404, {"error": str(error)}
    except tf.errors.InvalidArgumentError as error:
        return 400, {"error": error.message}
    outputs = {name: output.numpy().tolist() for name, output in outputs.items()}
    if len(outputs) == 1:
        (outputs,) = outputs.values()
    return 200, {"outputs": outputs}


@contextmanager
def rpc(served):
    """Serves by gRPC; gives the address."""

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):
            spec = request.model_spec
            inputs = {key: tf.make_ndarray(x) for key, x in request.inputs.items()}
            try:
                outputs = served(spec.name, spec.signature_name, inputs)
            except LookupError as error:
                context.abort(grpc.StatusCode.NOT_FOUND, str(error))
            except tf.errors.InvalidArgumentError as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, error.message)
            response = PredictResponse(model_spec=spec)
            for name, output in outputs.items():
                proto = tf.make_tensor_proto(np.asarray(output))
                response.outputs[name].CopyFrom(proto)
            return response

    server = grpc.server(ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        Service(), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
