"""Layers whose rows are kept small, and computed with in float32."""

import copy
import pickle
import re
import warnings
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import EmbeddingLayer, LazyOptimizer, TokenEncoder, zoo
from keras_wembed import export as export_model
from keras_wembed import rows as rows_module
from keras_wembed.block import Int8Block
from keras_wembed.dtype_policy import CompactDTypePolicy
from keras_wembed.quantized import Quantized, quantized
from keras_wembed.subwords import Subwords
from tests.small_layer import ROWS, model_of, text_layer

IDS = tf.constant([[1, 2, 0], [5, 4, 3]])
KEPT = ["float16", "int8"]
SMALL = {"float16": ROWS.astype("float16"), "int8": np.asarray(quantized(ROWS))}
TEXTS = tf.constant(["a x z", "c d x"])


def layer_of(**arguments):
    return EmbeddingLayer(weights=ROWS, **arguments)


def arrays(layer):
    return {v.name: (v.dtype, tuple(v.shape), v.trainable) for v in layer.weights}


@pytest.fixture(autouse=True)
def float32():
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("kept_as", KEPT)
def test_rows_are_kept_small_and_come_back_as_float32(kept_as):
    layer, rows = layer_of(dtype=kept_as), SMALL[kept_as].astype("float32")
    assert layer.embeddings.dtype == tf.float32
    np.testing.assert_array_equal(layer.embeddings, rows)
    vectors = layer(IDS)
    assert vectors.dtype == tf.float32
    np.testing.assert_array_equal(vectors[0], [rows[0], rows[1], np.zeros(4)])
    np.testing.assert_array_equal(tf.function(layer, jit_compile=True)(IDS), vectors)
    np.testing.assert_allclose(layer(ROWS, reverse=True), ROWS @ rows.T, rtol=1e-5)
    assert layer.trainable_weights == []


def test_arrays_are_as_small_as_they_say():
    assert arrays(layer_of(dtype="float16")) == {
        "embeddings": ("float16", (5, 4), False)
    }
    layer = layer_of(dtype="int8")
    assert arrays(layer) == {
        "embeddings": ("int8", (5, 4), False),
        "embeddings_scale": ("float32", (5,), False),
    }
    assert layer.information("ArraysTotalByteCount") == 5 * 4 + 5 * 4
    assert "embeddings  int8  5 x 4  20 B  frozen" in repr(layer.information())


VIEWED = [
    0,
    -1,
    slice(1, 3),
    [4, 4, 0],
    np.array([[1], [2]]),
    np.array([True, False, False, True, False]),
    (slice(None), 0),
    (2, slice(1)),
    (Ellipsis, None),
    slice(0),
]


@pytest.mark.parametrize("index", VIEWED, ids=str)
def test_embeddings_are_a_view_that_makes_the_rows_it_names(index):
    view = layer_of(dtype="int8").embeddings
    np.testing.assert_array_equal(view[index], SMALL["int8"][index])


def test_view_goes_where_a_table_goes():
    view = text_layer(dtype="int8", trainable="new").embeddings
    rows = view.numpy()
    assert (len(view), view.shape, view.dtype) == (5, (5, 4), tf.float32)
    assert repr(view) == "<View shape=(5, 4) dtype=float32>"
    np.testing.assert_array_equal(np.asarray(view, "float64"), rows)
    product = tf.matmul(ROWS, view, transpose_b=True)
    np.testing.assert_allclose(product, ROWS @ rows.T, rtol=1e-5)
    np.testing.assert_array_equal(view[[4, 1, 0]], rows[[4, 1, 0]])
    np.testing.assert_array_equal(rows - view, np.zeros((5, 4)))


def test_saving_and_loading_make_no_table_of_floats(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(Int8Block, "all", lambda block: made.append("a tensor"))
    monkeypatch.setattr(Quantized, "__array__", lambda *_: made.append("an array"))
    model = model_of(text_layer(dtype="int8", trainable="new", lora_rank=2))
    model.save(tmp_path / "model.keras")
    keras.models.load_model(tmp_path / "model.keras")
    assert made == []


@pytest.mark.parametrize("kept_as", KEPT)
def test_no_row_is_read_but_those_of_the_batch(kept_as):
    graph = tf.function(layer_of(dtype=kept_as)).get_concrete_function(IDS).graph
    kinds = {operation.type for operation in graph.get_operations()}
    assert "ResourceGather" in kinds
    assert "ReadVariableOp" not in kinds


@pytest.mark.parametrize("kept_as", KEPT)
def test_bad_ids_stay_what_they_are(kept_as):
    layer = layer_of(dtype=kept_as)
    with pytest.raises(ValueError, match=re.escape("ids must be in 1..5, or 0 for")):
        layer([6])
    compiled = tf.function(layer, jit_compile=True)
    vectors = compiled(tf.constant([6, 1, -1])).numpy()
    assert np.isnan(vectors[[0, 2]]).all()
    np.testing.assert_array_equal(vectors[1], SMALL[kept_as][0].astype("float32"))


def test_a_policy_says_what_rows_are_computed_with():
    assert layer_of(dtype="int8").dtype_policy.name == "int8_from_float32"
    keras.config.set_dtype_policy("mixed_float16")
    for dtype in KEPT:
        layer = layer_of(dtype=dtype)
        assert layer.dtype_policy == CompactDTypePolicy(dtype, "mixed_float16")
        assert layer.embeddings.dtype == tf.float32
        assert layer(IDS).dtype == tf.float16
        expected = SMALL[dtype].astype("float16")
        np.testing.assert_array_equal(layer([1]), expected[:1])


def test_policies_of_keras_are_taken():
    own = keras.dtype_policies.QuantizedDTypePolicy("int8", "mixed_bfloat16")
    layer = layer_of(dtype=own)
    assert arrays(layer)["embeddings"] == ("int8", (5, 4), False)
    assert layer([1]).dtype == tf.bfloat16
    assert layer_of(dtype="int8_from_mixed_bfloat16")([1]).dtype == tf.bfloat16
    assert layer_of(dtype=keras.DTypePolicy("float16"))([1]).dtype == tf.float16
    assert layer_of(dtype=keras.DTypePolicy("float16")).trainable_weights != []
    keras.config.set_dtype_policy("int8_from_float32")
    assert layer_of().dtype_policy.name == "int8_from_float32"
    assert layer_of(dtype="float16").dtype_policy.name == "float16_from_float32"


def test_only_new_rows_learn_and_are_floats():
    layer = text_layer(dtype="int8", trainable="new")
    assert arrays(layer) == {
        "new_embeddings": ("float32", (2, 4), True),
        "embeddings": ("int8", (3, 4), False),
        "embeddings_scale": ("float32", (3,), False),
    }
    same = text_layer()
    found, expected = np.asarray(layer.embeddings), same.embeddings.numpy()
    np.testing.assert_array_equal(found[[1, 4]], expected[[1, 4]])
    np.testing.assert_array_equal(found[[0, 2, 3]], SMALL["int8"][[0, 2, 3]])
    ids = tf.constant([[1, 2, 0], [5, 4, 3]])
    np.testing.assert_array_equal(tf.function(layer, jit_compile=True)(ids), layer(ids))


@pytest.mark.parametrize(
    ("kept_as", "optimizer"),
    [("int8", "adam"), ("int8", LazyOptimizer("adam")), ("float16", "adam")],
)
def test_new_rows_learn_beside_rows_that_stay_bit_for_bit(kept_as, optimizer):
    layer = text_layer(dtype=kept_as, trainable="new")
    model, before = model_of(layer), np.asarray(layer.embeddings)
    model.compile(optimizer, "mse")
    model.fit(TEXTS, np.ones(2), epochs=2, verbose=0)
    after = np.asarray(layer.embeddings)
    np.testing.assert_array_equal(after[[0, 2, 3]], before[[0, 2, 3]])
    assert (after[[1, 4]] != before[[1, 4]]).all()


def test_extending_changes_no_bit_of_small_rows():
    layer = text_layer(dtype="int8")
    more = layer.extend(["q"], init=[[1, 2, 3, 4]], trainable="new")
    assert arrays(more)["new_embeddings"] == ("float32", (3, 4), True)
    assert more("q").numpy().tolist() == [[1, 2, 3, 4]]
    np.testing.assert_array_equal(more("a x c d z"), layer("a x c d z"))
    levels = dict(zip("axcd", layer.weights[0].numpy().tolist(), strict=False))
    small = {v.name: v.numpy().tolist() for v in more.non_trainable_weights}
    assert small["embeddings"] == [levels[token] for token in "acd"]
    scale = layer.weights[1].numpy()[[0, 2, 3]]
    assert small["embeddings_scale"] == scale.tolist()
    less = more.restrict(["d", "q"])
    np.testing.assert_array_equal(less("d q z"), more("d q z"))
    floats = less.extend([], dtype=None, trainable=True)
    assert arrays(floats) == {"embeddings": ("float32", (3, 4), True)}
    np.testing.assert_array_equal(floats("d q z"), more("d q z"))


@pytest.mark.parametrize("init", ["mean", "normal"])
def test_growing_reads_small_rows_a_few_at_a_time(init, monkeypatch):
    monkeypatch.setattr(rows_module, "_CHUNK", 32)
    layer = layer_of(dtype="int8").extend(3, init=init)
    rows = np.asarray(layer.embeddings)
    np.testing.assert_array_equal(rows[:5], SMALL["int8"])
    if init == "mean":
        np.testing.assert_allclose(rows[5], SMALL["int8"].mean(0), atol=0.01)


def test_quantize_keeps_small_what_was_float():
    layer = layer_of(name="words")
    layer.quantize("int8")
    assert arrays(layer) == arrays(layer_of(dtype="int8"))
    np.testing.assert_array_equal(layer.embeddings, SMALL["int8"])
    assert layer.trainable is False
    assert layer.get_config() == layer_of(dtype="int8", name="words").get_config()
    again = EmbeddingLayer.from_config(layer.get_config())
    again.build()
    assert arrays(again) == arrays(layer)


def test_quantize_lets_new_rows_go_on():
    rates = {"pretrained": 0.5, "new": 2}
    layer = text_layer(learning_rate_multiplier=rates)
    layer.quantize("float16")
    assert arrays(layer) == {
        "new_embeddings": ("float32", (2, 4), True),
        "embeddings": ("float16", (3, 4), False),
    }
    assert layer.trainable == "new"
    again = EmbeddingLayer.from_config(layer.get_config())
    again.build()
    assert arrays(again) == arrays(layer)


def test_quantize_without_pretrained_rows_keeps_all_small():
    layer = EmbeddingLayer(4, input=TokenEncoder(["a"]), trainable="new")
    layer("a")
    layer.quantize("int8")
    assert arrays(layer)["embeddings"] == ("int8", (2, 4), False)
    assert layer.trainable is False


def test_model_quantizes_its_layers():
    model = model_of(text_layer())
    before = model.predict(TEXTS, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras names each layer that stays as it is.
        model.quantize("int8")
    layer = next(part for part in model.layers if isinstance(part, EmbeddingLayer))
    assert arrays(layer)["embeddings"] == ("int8", (5, 4), False)
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0), before, atol=0.02)
    with pytest.raises(ValueError, match="is already quantized"):
        model.layers[-1].quantize("int8")  # as Keras's own


def test_rows_stay_whatever_trainable_is_set_to():
    layer = layer_of(dtype="int8")
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    model.trainable = True
    assert layer.trainable is False
    assert layer.trainable_weights == []


@pytest.fixture(params=[*KEPT, "int8 and new"])
def travelling(request):
    kept_as, _, new = request.param.partition(" and ")
    layer = text_layer(dtype=kept_as, trainable=new or False)
    return layer, model_of(layer)


def small_as_before(other, layer):
    assert arrays(other) == arrays(layer)
    assert other.get_config() == layer.get_config()
    for found, expected in zip(other.weights, layer.weights, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))]
)
def test_copies_are_small(travelling, copied):
    layer, _ = travelling
    small_as_before(copied(layer), layer)


def test_files_are_small(travelling, tmp_path):
    layer, model = travelling
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    cloned = keras.models.clone_model(model)
    cloned.load_weights(tmp_path / "model.weights.h5")
    for other in (loaded, cloned):
        (found,) = (part for part in other.layers if isinstance(part, EmbeddingLayer))
        small_as_before(found, layer)
        np.testing.assert_array_equal(other(TEXTS), model(TEXTS))


def test_weights_fit_whatever_rows_are_kept_as(travelling, tmp_path):
    layer, model = travelling
    model.save_weights(tmp_path / "small.weights.h5")
    floats = text_layer()
    other = model_of(floats)
    other.load_weights(tmp_path / "small.weights.h5")
    np.testing.assert_array_equal(floats.embeddings, layer.embeddings)
    other.save_weights(tmp_path / "float.weights.h5")
    expected = [variable.numpy() for variable in layer.weights]
    for variable in layer.weights:
        variable.assign(tf.zeros_like(variable))
    model.load_weights(tmp_path / "float.weights.h5")
    for found, before in zip(layer.weights, expected, strict=True):
        np.testing.assert_array_equal(found, before)


def test_weights_of_another_shape_are_refused(tmp_path):
    model = keras.Sequential([layer_of(dtype="int8")])
    model(IDS)
    model.save_weights(tmp_path / "small.weights.h5")
    other = keras.Sequential([EmbeddingLayer(weights=ROWS[:3], dtype="int8")])
    other(tf.constant([[1]]))
    with pytest.raises(
        ValueError, match=r"rows must be of shape \(3, 4\)\. Got \(5, 4"
    ):
        other.load_weights(tmp_path / "small.weights.h5")


def size_of(path):
    """The bytes of a `.keras` file, or of the variables of a SavedModel."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.glob("variables/*.data*"))
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def test_files_shrink_with_the_rows(tmp_path):
    """2,000 x 300: large enough that the rest of a file hardly counts."""
    rows = np.random.default_rng(0).normal(size=(2000, 300)).astype("float32")
    sizes = {}
    for dtype in (None, "int8"):
        layer = EmbeddingLayer(weights=rows, dtype=dtype)
        inputs = keras.Input((None,), dtype="int64")
        model = keras.Model(inputs, layer(inputs))
        model.save(tmp_path / f"{dtype}.keras")
        model.export(tmp_path / f"{dtype}", verbose=False)
        served = export_model(model, tmp_path / f"served as {dtype}")
        files = tmp_path / f"{dtype}.keras", tmp_path / f"{dtype}", served
        sizes[dtype] = [layer.information("ArraysTotalByteCount"), *map(size_of, files)]
    ratios = np.array(sizes[None]) / np.array(sizes["int8"])
    assert (ratios > 3.7).all()


def test_served_rows_are_int8(tmp_path):
    layer = text_layer(dtype="int8")
    model = model_of(layer)
    folder = export_model(model, tmp_path / "model")
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    np.testing.assert_allclose(served(TEXTS)["output"], model(TEXTS), atol=1e-6)
    kept = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    shapes, dtypes = kept.get_variable_to_shape_map(), kept.get_variable_to_dtype_map()
    assert [dtypes[n] for n, shape in shapes.items() if shape == [5, 4]] == [tf.int8]


def test_rows_of_n_grams_are_kept_small_too(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")

    def layer_with(**arguments):
        return text_layer(subwords=Subwords(matrix, 3, 5), **arguments)

    layer, floats = layer_with(dtype="int8"), layer_with()
    assert arrays(layer)["subwords"] == ("int8", (50, 4), False)
    np.testing.assert_allclose(layer("zebra"), floats("zebra"), atol=0.02)
    floats.quantize("int8")
    np.testing.assert_array_equal(layer("a zebra"), floats("a zebra"))
    more = layer.extend(["horse"])
    np.testing.assert_array_equal(layer("a zebra"), more("a zebra"))
    model = model_of(layer)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    small_as_before(loaded.layers[1], layer)


def test_zoo_gives_small_layers():
    floats, layer = zoo.load(), zoo.load(dtype="int8")
    assert layer.information("ArraysTotalByteCount") == 40_001 * (50 + 4)
    text = "the cat sat on the zxcvb"
    np.testing.assert_allclose(layer(text), floats(text), atol=0.02)
    found = zoo.load(tokens=["king", "queen"], dtype="float16", trainable="new")
    assert arrays(found)["embeddings"] == ("float16", (2, 50), False)


def test_built_in_rows_have_the_levels_of_their_file():
    layer = zoo.load(dtype="int8")
    card = zoo.card("openbooks-50d")
    with np.load(card.folder / card.file) as file:
        expected = file["matrix"]
    np.testing.assert_array_equal(layer.weights[0][:-1], expected)


LEARNS = (
    "Rows kept as {} must not learn: small steps would be lost. Got trainable=True. "
    'Pass trainable=False, or "new" for new rows alone; or lora_rank, for what is '
    "added to them."
)

ERRORS = [
    (lambda: layer_of(dtype="int8", trainable=True), LEARNS.format("int8")),
    (lambda: EmbeddingLayer(4, 3, dtype="float16"), LEARNS.format("float16")),
    (lambda: zoo.load(dtype="int8", trainable=True), LEARNS.format("int8")),
    (
        lambda: layer_of(dtype="int4_from_float32"),
        "Rows must be kept as float16 or int8. Got 'int4_from_float32'.",
    ),
    (
        lambda: EmbeddingLayer(weights=[[7e4, 1]], dtype="float16"),
        'Rows kept as float16 must be within 65504. Got 70000. Pass dtype="int8", or '
        "none.",
    ),
    (
        lambda: layer_of().quantize("int9"),
        "mode must be one of 'float16', 'int8'. Got 'int9'. Did you mean 'int8'?",
    ),
    (
        lambda: layer_of().quantize(),
        "mode must be one of 'float16', 'int8'. Got None.",
    ),
    (
        lambda: EmbeddingLayer(4, 3, name="words").quantize("int8"),
        "A layer must have rows to be quantized. 'words' has none yet. Call it first, "
        "or make it from vectors.",
    ),
    (
        lambda: layer_of(dtype="int8", name="words").quantize("float16"),
        "A layer must be quantized once. 'words' is already, with the policy "
        "'int8_from_float32'.",
    ),
]


@pytest.mark.parametrize(("make", "message"), ERRORS)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_layer_whose_rows_do_not_fit_stays_as_it_is():
    layer = EmbeddingLayer(weights=[[7e4, 1]])
    with pytest.raises(ValueError, match="must be within 65504"):
        layer.quantize("float16")
    assert arrays(layer) == {"embeddings": ("float32", (1, 2), True)}
    assert layer([1]).numpy().tolist() == [[7e4, 1]]


class Own(EmbeddingLayer):
    """A subclass, which Keras would not quantize."""


NOT_IMPLEMENTED = [
    (
        lambda: layer_of().quantize("float8"),
        "Rows can be kept as float16 or int8. Got mode='float8'.",
    ),
    (
        lambda: Own(weights=ROWS).quantize("int8"),
        "A subclass of EmbeddingLayer must be quantized with type_check=False. Got "
        "Own.",
    ),
]


@pytest.mark.parametrize(("make", "message"), NOT_IMPLEMENTED)
def test_what_keras_would_pass_over_is_not_implemented(make, message):
    with pytest.raises(NotImplementedError, match=f"^{re.escape(message)}$"):
        make()


def test_a_config_of_keras_may_say_the_mode():
    by_row = keras.quantizers.AbsMaxQuantizer(axis=-1)
    for config in (None, keras.quantizers.Int8QuantizationConfig(by_row)):
        layer = layer_of()
        layer.quantize(config=config or keras.quantizers.Int8QuantizationConfig())
        np.testing.assert_array_equal(layer.embeddings, SMALL["int8"])
    by_column = keras.quantizers.AbsMaxQuantizer(axis=0)
    with pytest.raises(NotImplementedError, match=r"^Rows can be scaled each by its"):
        layer_of().quantize(config=keras.quantizers.Int8QuantizationConfig(by_column))


def test_a_policy_that_is_set_quantizes_as_in_keras():
    layer = layer_of()
    layer.dtype_policy = "int8_from_float32"
    assert arrays(layer) == arrays(layer_of(dtype="int8"))
