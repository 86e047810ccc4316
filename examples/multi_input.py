"""A text, a label and a number in one model, which says what a used thing is worth.

Vectors of words are pretrained, so it prices what it never saw. From a clone:
    python -m examples.multi_input
"""

import keras
import numpy as np
import tensorflow as tf

import keras_wembed as kw

NEW = {"piano": 2000, "guitar": 400, "flute": 300, "harp": 1500}  # what they cost new
NEW |= {"sofa": 500, "table": 250, "chair": 80, "lamp": 40, "bed": 400, "carpet": 150}
NEW |= {"shirt": 25, "coat": 90, "dress": 60, "hat": 20, "gloves": 15, "boots": 80}
MAKERS = {"Adler": 1.6, "Brook": 1.0, "Cole": 0.6}  # what a name is worth
ASKED = {  # the last two it never saw
    "title": ["piano", "piano", "piano", "violin", "jacket"],
    "maker": ["Adler", "Cole", "Adler", "Brook", "Brook"],
    "age": [2.0, 2.0, 15.0, 0.0, 0.0],
}


def sales(count, pick):
    """Things as they were offered, and the logarithm of what each was sold for."""
    titles = pick.choice(np.array([*NEW], object), count)
    makers = pick.choice(np.array([*MAKERS], object), count)
    worth = np.vectorize(NEW.get)(titles) * np.vectorize(MAKERS.get)(makers)
    age = pick.uniform(0, 20, count)
    prices = worth * 0.93**age * pick.lognormal(0, 0.1, count)
    return {"title": titles, "maker": makers, "age": age}, np.log(prices)


def model_of(layer):
    title = keras.Input((), dtype="string", name="title")
    maker = keras.Input((), dtype="string", name="maker")
    age = keras.Input((1,), name="age")
    label = kw.EmbeddingLayer(2, input=kw.ClassEncoder([*MAKERS]))
    parts = [kw.Pooling("mean")(layer(title)), label(maker), age / 10]
    hidden = keras.layers.Dense(32, "tanh")(keras.layers.Concatenate()(parts))
    logarithm = keras.layers.Dense(1)(hidden)
    return keras.Model({"title": title, "maker": maker, "age": age}, logarithm)


def main(count=4000, epochs=10):
    keras.utils.set_random_seed(1)
    model, pick = model_of(kw.zoo.load()), np.random.default_rng(1)
    model.compile(keras.optimizers.Adam(5e-3), "mae")
    model.fit(*sales(count, pick), batch_size=64, epochs=epochs, verbose=0)
    error = model.evaluate(*sales(500, pick), verbose=0)
    print(f"off by {error:.0%}, where chance alone makes it 8%")
    asked = {name: tf.constant(values) for name, values in ASKED.items()}
    prices = np.exp(model.predict(asked, verbose=0).ravel())
    for title, maker, age, price in zip(*ASKED.values(), prices, strict=True):
        print(f"{title} by {maker}, {age:.0f} years old: {price:.0f}")
    return error, prices


if __name__ == "__main__":
    main()
