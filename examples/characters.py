"""Words in, letter by letter; the language that they look like out.

No vocabulary could hold the words to come, an alphabet does. From a clone:
    python -m examples.characters [word ...]
"""

import sys
from pathlib import Path

import keras
import numpy as np

from keras_wembed import CharacterEncoder, EmbeddingLayer, Pooling

WORDS = Path(__file__).with_name("data") / "words.tsv"
ALPHABET = "abcdefghijklmnopqrstuvwxyzäöüßàèéìòùąćęłńóśźż"
ASKED = ["Schifffahrt", "thoughtful", "cioccolata", "yliopisto", "szczęście"]


def examples(path=WORDS):
    """Words, the number of the language of each, and the names of all languages."""
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    languages, lists = zip(*((name, row.split()) for name, row in lines), strict=True)
    words = np.array([word for row in lists for word in row], object)
    kinds = np.repeat(np.arange(len(lists)), [len(row) for row in lists])
    order = np.random.default_rng(1).permutation(len(words))
    return words[order], kinds[order], languages


def model_of(languages):
    letters = CharacterEncoder(ALPHABET, ignore_case=True)  # others share the last id
    text = keras.Input((), dtype="string")
    vectors = EmbeddingLayer(16, input=letters)(text)
    read = keras.layers.Bidirectional(keras.layers.GRU(32, return_sequences=True))
    found = keras.layers.Dropout(0.3)(Pooling("max")(read(vectors)))
    return keras.Model(text, keras.layers.Dense(len(languages), "softmax")(found))


def main(*asked, epochs=20):
    keras.utils.set_random_seed(1)
    words, kinds, languages = examples()
    held = len(words) // 5
    model = model_of(languages)
    adam = keras.optimizers.Adam(3e-3)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(words[held:], kinds[held:], batch_size=16, epochs=epochs, verbose=0)
    accuracy = model.evaluate(words[:held], kinds[:held], verbose=0)[1]
    print(f"{len(words)} words; of a fifth that it never saw, {accuracy:.0%} are right")
    asked = np.array(asked or ASKED, object)
    for word, chances in zip(asked, model.predict(asked, verbose=0), strict=True):
        best = np.argsort(-chances)[:2]
        print(f"{word:12}", *(f"{languages[at]} {chances[at]:.0%} " for at in best))
    return accuracy


if __name__ == "__main__":
    main(*sys.argv[1:])
