"""The source of `start.ipynb`; `examples.notebooks.make` executes it."""

# %% [markdown]
# # Word vectors for Keras in ten minutes
#
# `keras_wembed` turns text into vectors in a Keras layer. Real vectors come with the
# package: nothing is downloaded here.
# %%
import keras
import numpy as np

import keras_wembed as kw

layer = kw.zoo.load()
print(layer("the cat sat").shape)
# %% [markdown]
# Three tokens, a vector of size 50 for each. What do they look like? A row for each
# token, blue below zero, red above.
# %%
_ = kw.plot.matrix(layer, "the quick brown fox jumps over the lazy dog")
# %% [markdown]
# ## Ask them
#
# Tokens with similar vectors are used alike.
# %%
vectors = kw.zoo.vectors()
_ = kw.plot.neighbours(vectors, "physics")
# %%
print(vectors.analogy("man", "king", "woman", k=3))
print(vectors.doesnt_match(["breakfast", "cereal", "dinner", "piano"]))
# %%
tokens = "france italy spain rome paris london dog cat horse cow one two three four"
_ = kw.plot.map(vectors, tokens.split())
# %% [markdown]
# ## Learn from text
#
# Strings in, a number out. `Pooling` makes one vector of a text, zeros if it is empty.
# %%
texts = np.array(["a joy to watch", "what a bore", "a delight", "dull"], object)
good = np.array([1.0, 0.0, 1.0, 0.0])

text = keras.Input((), dtype="string", name="text")
hidden = kw.Pooling("mean")(layer(text))
model = keras.Model(text, keras.layers.Dense(1, "sigmoid")(hidden))
model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
model.fit(texts, good, epochs=30, verbose=0)
print((model.predict(texts, verbose=0)[:, 0] > 0.5).tolist())
# %% [markdown]
# It never saw the word `joyful`, but vectors of like words lie near each other:
# %%
print(model.predict(np.array(["joyful"], object), verbose=0).item() > 0.5)
# %% [markdown]
# ## Serve it
#
# One folder, strings in, for TensorFlow Serving: vectors, vocabulary and tokenizer are
# in the graph.
# %%
import tempfile

place = kw.export(model, f"{tempfile.mkdtemp()}/reviews", warmup=["a joy"])
print(sorted(path.name for path in place.iterdir()))
