"""Every example of Wolfram's page on EmbeddingLayer, as Python.

https://reference.wolfram.com/language/ref/EmbeddingLayer.html
"""

import keras
import numpy as np
import tensorflow as tf

from keras_wembed import CharacterEncoder, ClassEncoder, EmbeddingLayer, TokenEncoder


def test_basic_layer_takes_integers_1_to_3():
    layer = EmbeddingLayer(4, 3)
    assert (layer.size, layer.n) == (4, 3)


def test_basic_integer_gives_a_vector():
    embed = EmbeddingLayer(2, 3)
    assert embed(2).shape == (2,)


def test_basic_vector_of_integers_gives_a_matrix():
    embed = EmbeddingLayer(2, 3)
    assert embed([1, 2, 1]).shape == (3, 2)


def test_scope_varying_sequence():
    embed = EmbeddingLayer(2, 10, input="varying")
    assert embed([1, 2, 3]).shape == (3, 2)


def test_scope_several_sequences_of_unequal_length():
    embed = EmbeddingLayer(2, 10, input="varying")
    vectors = embed([[1, 2, 3], [1, 2, 3, 4], [2]])
    assert [len(matrix) for matrix in vectors] == [3, 4, 1]
    np.testing.assert_array_equal(vectors[1], embed([1, 2, 3, 4]))


def test_scope_n_is_inferred_from_a_class_encoder():
    embed = EmbeddingLayer(5, input=ClassEncoder(["a", "b", "c"]))
    assert embed.n == 3
    vectors = embed(["a", "b", "a", "c"]).numpy()
    assert vectors.shape == (4, 5)
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_scope_characters_of_a_string():
    embed = EmbeddingLayer(2, input=CharacterEncoder())
    vectors = embed("ABABBC").numpy()
    assert vectors.shape == (6, 2)
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_scope_tokens_of_a_string():
    encoder = TokenEncoder(["how", "are", "you", "today"])
    embed = EmbeddingLayer(2, input=encoder)
    assert embed("how are you today").shape == (4, 2)


def test_options_weights_are_given():
    embed = EmbeddingLayer(weights=[[1, 0, 1, 0], [0, 1, 1, 0]])
    assert embed(2).numpy().tolist() == [0, 1, 1, 0]
    assert embed(1).numpy().tolist() == [1, 0, 1, 0]


def test_applications_chain_ends_in_one_vector():
    encoder = TokenEncoder(["this", "is", "a", "sentence", "and", "another"])
    assert encoder("this is a sentence").numpy().tolist() == [1, 2, 3, 4]
    net = keras.Sequential(
        [EmbeddingLayer(5, input=encoder), keras.layers.SimpleRNN(4)]
    )
    vectors = net(tf.constant(["this is a sentence", "and another sentence"]))
    assert vectors.shape == (2, 4)
    alone = net(tf.constant(["and another sentence"]))
    np.testing.assert_allclose(vectors[1:], alone, atol=1e-6)


def test_properties_indices_pick_rows_of_the_weights():
    embed = EmbeddingLayer(5, 2)
    indices = [1, 2, 1]
    rows = embed(indices).numpy()
    np.testing.assert_array_equal(rows, embed.embeddings.numpy()[np.array(indices) - 1])


def test_details_rank_k_gives_rank_k_and_one():
    embed = EmbeddingLayer(2, 3)
    for rank in range(5):
        assert embed(np.ones([1] * rank, int)).shape == (*[1] * rank, 2)


def test_details_information_reports_on_the_layer():
    report = EmbeddingLayer(4, 3, name="embed").information()
    assert repr(report).startswith("EmbeddingLayer 'embed': 3 rows of size 4")
