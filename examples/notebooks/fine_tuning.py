"""The source of `fine_tuning.ipynb`; `examples.notebooks.make` executes it."""

# %% [markdown]
# # Fine-tuning, and what it moves
#
# Pretrained vectors know English, but not your words. Here a layer gets rows for new
# tokens, and only these learn; then all do, and we look at what moved.
# %%
import keras
import numpy as np

import keras_wembed as kw

keras.utils.set_random_seed(1)
texts = np.array(
    ["zorg is great", "we love zorg", "blit is awful", "nobody likes blit"] * 8, object
)
good = np.array([1.0, 1.0, 0.0, 0.0] * 8)
layer = kw.zoo.load(trainable="new")
print(layer.coverage(texts))
# %% [markdown]
# `zorg` and `blit` have no row: both would share that of unknown tokens. `extend` gives
# each its own, and the tokenizer stays in step.
# %%
layer = layer.extend(["zorg", "blit"], init="mean")


def model_of(layer):
    """Text in, one number out."""
    model = keras.Sequential([layer, kw.Pooling("mean"), keras.layers.Dense(1)])
    adam = kw.LazyOptimizer(keras.optimizers.Adam(0.05))
    model.compile(adam, "mse")
    return model


before = layer.vectors()
model_of(layer).fit(texts, good, epochs=20, verbose=0)
report = before.drift(layer.vectors())
print(f"{report.moved} of {report.tokens} tokens moved:")
print(sorted(moved.token for moved in report.most))
# %% [markdown]
# The pretrained rows are bit for bit what they were. The new ones went apart:
# %%
_ = kw.plot.similarity(layer.vectors(), ["zorg", "great", "love"], ["blit", "awful"])
# %% [markdown]
# ## All rows learn
#
# `LazyOptimizer` updates the rows of a batch alone, whatever the size of the table.
# %%
layer = layer.restrict(list(before.tokens), trainable=True)
before = layer.vectors()
model_of(layer).fit(texts, good, epochs=20, verbose=0)
report = before.drift(layer.vectors())
print(f"{report.moved} of {report.tokens} tokens moved")
# %% [markdown]
# ## Small, and still learning
#
# The same rows in a quarter of the room, and LoRA to adapt them.
# %%
layer.quantize("int8")
print(layer.information("ArraysByteCounts"))
layer.enable_lora(4)
losses = model_of(layer).fit(texts, good, epochs=5, verbose=0).history["loss"]
print(losses[-1] < losses[0])
