"""What `export` writes for LiteRT and ONNX, run by their own interpreters."""

import re
import sys

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_wembed as kw

TOKENS = ["a", "b", "c", "d", "e"]
BATCHES = [["a b"], ["a", "b c d e", "zzz a"], ["e d c b a", "e"] * 3]


def in_litert(path):
    """What the file gives for named arrays: one array, or several in a dict."""
    run = Interpreter(str(path)).get_signature_runner("ids")
    return lambda **arrays: alone(run(**arrays))


def in_onnx(path):
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]

    def run(**arrays):
        return alone(dict(zip(names, session.run(None, arrays), strict=True)))

    return run


def alone(outputs):
    return outputs["output"] if set(outputs) == {"output"} else outputs


RUNS = {"litert": in_litert, "onnx": in_onnx}


@pytest.fixture(params=RUNS)
def format(request):
    return request.param


def converted(model, folder, format, **arguments):
    path = kw.export(model, folder / "file", format=format, **arguments)
    return RUNS[format](path)


def layer(**arguments):
    rows = np.random.default_rng(1).normal(size=(len(TOKENS) + 1, 4))
    return kw.EmbeddingLayer(weights=rows, input=kw.TokenEncoder(TOKENS), **arguments)


def model_of(embedding, *layers):
    text = keras.Input((), dtype="string")
    hidden = embedding(text)
    for each in layers:
        hidden = each(hidden)
    return keras.Model(text, hidden)


class Attention(keras.layers.Layer):
    """Attends to itself."""

    def __init__(self):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(2, 2)
        self.supports_masking = True

    def call(self, vectors, mask=None):
        return self.attention(vectors, vectors)


def pooled(embedding):
    pool, dense = keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)
    return model_of(embedding, pool, dense)


def recurrent():
    return model_of(layer(), keras.layers.GRU(3), keras.layers.Dense(2))


def attentive():
    average = keras.layers.GlobalAveragePooling1D()
    return model_of(layer(), Attention(), average)


def with_new_rows():
    rows = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    vectors = kw.WordVectors(["e", "c", "a"], rows)
    encoder = kw.TokenEncoder(TOKENS)
    embedding = kw.EmbeddingLayer.from_vectors(vectors, input=encoder, trainable="new")
    return pooled(embedding)


def adapted(**arguments):
    embedding = layer(**arguments)
    embedding.enable_lora(2)
    for variable in embedding.trainable_variables:
        variable.assign(np.random.default_rng(2).normal(size=variable.shape))
    return pooled(embedding)


MODELS = {
    "pooled": lambda: pooled(layer()),
    "float16": lambda: pooled(layer(dtype="float16")),
    "int8": lambda: pooled(layer(dtype="int8")),
    "LoRA": adapted,
    "LoRA beside int8": lambda: adapted(dtype="int8"),
    "LoRA beside float16": lambda: adapted(dtype="float16"),
    "attention": attentive,
    "new rows": with_new_rows,
}


def agree(model, run, batches):
    encoder = model.layers[1].encoder
    for texts in batches:
        ids = encoder(texts).numpy()
        np.testing.assert_allclose(run(ids=ids), model(tf.constant(texts)), atol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_file_gives_what_keras_gives(kind, format, tmp_path):
    model = MODELS[kind]()
    agree(model, converted(model, tmp_path, format), BATCHES)


@pytest.mark.parametrize("kind", ["pooled", "new rows", "LoRA beside int8"])
def test_batch_without_texts_gives_no_rows(kind, format, tmp_path):
    run = converted(MODELS[kind](), tmp_path, format)
    assert run(ids=np.zeros((0, 3), np.int64)).shape[0] == 0


def test_batch_without_texts_is_safe_in_the_interpreter_of_tensorflow(tmp_path):
    path = kw.export(MODELS["new rows"](), tmp_path / "file", format="litert")
    with pytest.warns(UserWarning, match="tf.lite.Interpreter is deprecated"):
        run = tf.lite.Interpreter(str(path)).get_signature_runner("ids")
    # Where it scatters into no rows it ends the process.
    assert run(ids=np.zeros((0, 3), np.int64))["output"].shape == (0, 2)


def test_layer_alone_gives_what_keras_gives(format, tmp_path):
    embedding = layer()
    run = converted(embedding, tmp_path, format)
    for ids in [[[1, 6]], [[0, 0, 3], [5, 0, 0]], [[0]], [[2, 2]] * 7]:
        ids = np.array(ids)
        np.testing.assert_array_equal(run(ids=ids), embedding(ids))


def test_older_file_stays_if_the_new_one_cannot_be_written(
    format, tmp_path, monkeypatch
):
    def full(path, content):
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    path = kw.export(layer(), tmp_path / "file", format=format)
    older = path.read_bytes()
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        kw.export(MODELS["pooled"](), path, format=format)
    monkeypatch.undo()
    assert path.read_bytes() == older
    assert list(tmp_path.iterdir()) == [path]


def test_logits_are_converted_without_a_word(tmp_path, caplog):
    ids = keras.Input((None,), dtype="int64")
    embedding = kw.EmbeddingLayer(4, 9)
    model = keras.Model(ids, embedding(embedding(ids), reverse=True))
    run = converted(model, tmp_path, "onnx")
    batch = np.array([[1, 9], [3, 0]])
    np.testing.assert_allclose(run(ids=batch), model(batch), atol=1e-5)
    said = [record for record in caplog.records if "tf2onnx" in record.name]
    assert not said


def test_bad_id_gives_nan_and_harms_no_other(format, tmp_path):
    embedding = layer()
    vectors = converted(embedding, tmp_path, format)(ids=np.array([[7, 1], [2, -1]]))
    expected = embedding([[0, 1], [2, 0]]).numpy()
    expected[[0, 1], [0, 1]] = np.nan
    np.testing.assert_array_equal(vectors, expected)


def test_recurrent_layer_runs_in_onnx_on_batches_of_any_size(tmp_path):
    model = recurrent()
    agree(model, converted(model, tmp_path, "onnx"), BATCHES)


def test_recurrent_layer_runs_in_litert_on_batches_of_one_size(tmp_path):
    model = recurrent()
    message = (
        "the model must run on LiteRT. Got TensorListReserve. LiteRT runs recurrent "
        "layers on batches of one size only: pass batch_size=1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        converted(model, tmp_path, "litert")
    run = converted(model, tmp_path, "litert", batch_size=2)
    agree(model, run, [["a b", "c"], ["e", "d zzz a b a"]])


def test_ragged_ids_are_refused_by_litert(tmp_path):
    ids = keras.Input((None,), dtype="int64", ragged=True)
    model = keras.Model(ids, kw.EmbeddingLayer(4, 3, output="padded")(ids))
    message = (
        "the model must run on LiteRT. Got RaggedTensorToTensor. LiteRT takes no "
        "ragged ids: give the model an Input without ragged=True, which takes ragged "
        "batches in training all the same."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        converted(model, tmp_path, "litert")


def test_several_inputs_go_by_their_names(format, tmp_path):
    title = keras.Input((), dtype="string", name="title")
    numbers = keras.Input((2,), name="numbers")
    embedding = layer()
    average = keras.layers.GlobalAveragePooling1D()(embedding(title))
    both = keras.layers.Concatenate()([average, numbers])
    model = keras.Model({"title": title, "numbers": numbers}, {"both": both})
    run = converted(model, tmp_path, format)
    texts, values = BATCHES[1], np.arange(6, dtype="float32").reshape(3, 2)
    got = run(title=embedding.encoder(texts).numpy(), numbers=values)["both"]
    inputs = {"title": tf.constant(texts), "numbers": tf.constant(values)}
    expected = model(inputs)["both"]
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_layer_is_as_before_after_its_export(tmp_path):
    model = with_new_rows()
    expected = model(tf.constant(BATCHES[1])).numpy()
    for _ in range(2):
        agree(model, converted(model, tmp_path, "onnx"), BATCHES[1:2])
    np.testing.assert_array_equal(model(tf.constant(BATCHES[1])), expected)


def test_text_that_is_read_elsewhere_is_refused(format, tmp_path):
    text = keras.Input((), dtype="string", name="text")
    length = keras.layers.Lambda(tf.strings.length, output_shape=())(text)
    model = keras.Model(text, [layer()(text), length])
    message = (
        "every text must go to EmbeddingLayers with one encoder and nowhere else, for "
        "LiteRT and ONNX take ids. Got an input 'text' that does not."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        converted(model, tmp_path, format)


REFUSED = [
    (
        {"format": "lite"},
        "format must be one of 'tf_saved_model', 'litert', 'onnx'. Got 'lite'. Did you "
        "mean 'litert'?",
    ),
    (
        {"format": "onnx", "version": 3},
        "version must be None with format='onnx'. Got 3.",
    ),
    (
        {"format": "litert", "warmup": ["a"]},
        "warmup must be None with format='litert'. Got ['a'].",
    ),
    ({"batch_size": 2}, "batch_size must be None with format='tf_saved_model'. Got 2."),
    (
        {"format": "litert", "batch_size": 0},
        "batch_size must be at least 1. Got 0.",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_argument_that_does_not_fit_is_refused(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kw.export(layer(), tmp_path / "file", **arguments)
    assert not list(tmp_path.glob("file*"))


def test_missing_converter_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    message = (
        'format="onnx" needs tf2onnx, which is not installed. '
        'Install it: pip install "keras-wembed[onnx]".'
    )
    with pytest.raises(ImportError, match=f"^{re.escape(message)}$"):
        converted(layer(), tmp_path, "onnx")
