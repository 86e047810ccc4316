"""The client of TensorFlow Serving, against a server that speaks as it does."""

import base64
import json
import re
import threading
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import prediction_service_pb2_grpc as service
from tensorflow_serving.apis.predict_pb2 import PredictResponse
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from examples import client, serve

TEXTS = ("Who was Galileo ?", "How many people live in Chile ?")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return serve.main(tmp_path_factory.mktemp("served") / "questions")


@pytest.fixture(scope="module")
def signature(exported):
    return tf.saved_model.load(str(exported[1] / "1")).signatures["serving_default"]


def as_bytes(sent):
    is_text = isinstance(sent, str)
    return sent.encode() if is_text else base64.b64decode(sent["b64"])


class Rest(BaseHTTPRequestHandler):
    """TensorFlow Serving's predict call: named inputs and outputs in columns."""

    def do_POST(self):
        assert self.path == "/v1/models/questions:predict"
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            texts = [as_bytes(text) for text in sent["inputs"]["text"]]
            found = self.server.signature(text=tf.constant(texts))
            status, said = (
                200,
                {"outputs": {k: self.plain(v) for k, v in found.items()}},
            )
        except tf.errors.InvalidArgumentError as error:
            status, said = 400, {"error": error.message}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    @staticmethod
    def plain(tensor):
        values = tensor.numpy().tolist()
        return [v.decode() if isinstance(v, bytes) else v for v in values]

    def log_message(self, *_):
        pass


class Grpc(service.PredictionServiceServicer):
    def __init__(self, signature):
        self.signature = signature

    def Predict(self, request, context):
        assert request.model_spec.name == "questions"
        sent = {name: tf.make_ndarray(v) for name, v in request.inputs.items()}
        response = PredictResponse()
        try:
            found = self.signature(**{k: tf.constant(v) for k, v in sent.items()})
        except tf.errors.InvalidArgumentError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, error.message)
        for name, tensor in found.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(tensor.numpy()))
        return response


@pytest.fixture(scope="module")
def rest(signature):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rest)
    server.signature = signature
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def rpc(signature):
    server = grpc.server(futures.ThreadPoolExecutor(1))
    service.add_PredictionServiceServicer_to_server(Grpc(signature), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_both_ways_give_what_the_model_gives(exported, rest, rpc, capsys):
    one, other = client.main("questions", *TEXTS, rest=rest, rpc=rpc)
    expected = exported[0](tf.constant(TEXTS))
    kinds = [kind.decode() for kind in expected["kind"].numpy()]
    assert one["kind"] == [kind.decode() for kind in other["kind"]] == kinds
    chances = pytest.approx(expected["probability"].numpy().tolist(), abs=1e-6)
    assert one["probability"] == chances
    assert other["probability"].tolist() == chances
    shown = capsys.readouterr().out
    assert re.search(rf"Galileo \?  REST: {kinds[0]} 0\.\d+  gRPC: {kinds[0]} 0", shown)


def test_text_that_is_no_utf8_is_an_error_of_the_request(rpc):
    with pytest.raises(grpc.RpcError, match=re.escape("texts must be UTF-8.")) as found:
        client.over_grpc("questions", [b"\xff"], rpc)
    assert found.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert set(client.over_grpc("questions", ["ok"], rpc)) == {"kind", "probability"}


def test_error_over_rest_is_told(rest):
    bad = {"b64": base64.b64encode(b"\xff").decode()}  # as that server takes bytes
    with pytest.raises(ValueError, match=re.escape("texts must be UTF-8.")):
        client.over_rest("questions", [bad], rest)


def test_config_is_that_of_tensorflow_serving(exported):
    text = (exported[1] / "models.config").read_text()
    (model,) = text_format.Parse(text, ModelServerConfig()).model_config_list.config
    assert (model.name, model.base_path) == ("questions", "/models/questions")
    assert model.model_platform == "tensorflow"


def test_command_that_starts_the_server_mounts_what_the_config_names(exported):
    said = serve.START.format(path=exported[1])
    assert f'-v "{exported[1]}:/models/questions"' in said
    assert "--model_config_file=/models/questions/models.config" in said
