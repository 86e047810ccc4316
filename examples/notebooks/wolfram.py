"""The source of `wolfram.ipynb`; `examples.notebooks.make` executes it."""

# %% [markdown]
# # From Wolfram Language to Keras
#
# Each line of Wolfram's page on `EmbeddingLayer`, and what it is here.
# %%
import keras
import numpy as np
import tensorflow as tf

import keras_wembed as kw

keras.utils.set_random_seed(1)

# %% [markdown]
# ```wolfram
# EmbeddingLayer[4, 3]
# ```
# %%
print(kw.EmbeddingLayer(4, 3).information())
# %% [markdown]
# ```wolfram
# embed = NetInitialize@EmbeddingLayer[2, 3]
# ```
# %%
embed = kw.EmbeddingLayer(2, 3)
# %% [markdown]
# ```wolfram
# out = embed[2]; Dimensions[out]; out = embed[{1, 2, 1}]; Dimensions[out]
# ```
# %%
print(embed(2).shape, embed([1, 2, 1]).shape)
# %% [markdown]
# ```wolfram
# embed = NetInitialize@EmbeddingLayer[2, 10, "Input" -> "Varying"]
# ```
# %%
embed = kw.EmbeddingLayer(2, 10, input="varying")
# %% [markdown]
# ```wolfram
# embed[{1, 2, 3}]; embed[{{1, 2, 3}, {1, 2, 3, 4}, {2}}]
# ```
# %%
print(embed([1, 2, 3]).numpy(), embed([[1, 2, 3], [1, 2, 3, 4], [2]]))
# %% [markdown]
# ```wolfram
# NetInitialize@EmbeddingLayer[5, "Input" -> NetEncoder[{"Class", {a, b, c}}]]
# ```
# %%
embed = kw.EmbeddingLayer(5, input=kw.ClassEncoder(["a", "b", "c"]))
# %% [markdown]
# ```wolfram
# embed[{a, b, a, c}]
# ```
# %%
print(embed(["a", "b", "a", "c"]).numpy())
# %% [markdown]
# ```wolfram
# NetInitialize[EmbeddingLayer[2, "Input" -> NetEncoder["Characters"]]]["ABABBC"]
# ```
# %%
print(kw.EmbeddingLayer(2, input=kw.CharacterEncoder())("ABABBC").numpy())
# %% [markdown]
# ```wolfram
# encoder = NetEncoder["Tokens"]; encoder["this is a sentence"]
# ```
# %%
encoder = kw.TokenEncoder()
print(encoder("this is a sentence").numpy())
# %% [markdown]
# ```wolfram
# NetInitialize[EmbeddingLayer[2, "Input" -> encoder]]["how are you today"]
# ```
# %%
print(kw.EmbeddingLayer(2, input=encoder)("how are you today").numpy())
# %% [markdown]
# ```wolfram
# EmbeddingLayer["Weights" -> {{1, 0, 1, 0}, {0, 1, 1, 0}}]; embed[2]; embed[1]
# ```
# %%
embed = kw.EmbeddingLayer(weights=[[1, 0, 1, 0], [0, 1, 1, 0]])
print(embed(2).numpy(), embed(1).numpy())
# %% [markdown]
# ```wolfram
# NetChain[{EmbeddingLayer[5], BasicRecurrentLayer[4], SequenceLastLayer[]}, ...]
# ```
# %%
net = [kw.EmbeddingLayer(5, input=encoder), keras.layers.SimpleRNN(4)]
# %% [markdown]
# ```wolfram
# net["this is a sentence"]; net["and another sentence"]
# ```
# %%
texts = tf.constant(["this is a sentence", "and another sentence"])
print(keras.Sequential(net)(texts).numpy())
# %% [markdown]
# ```wolfram
# net = NetModel["GloVe 50-Dimensional Word Vectors ..."]; NetExtract[net, "Input"]
# ```
# %%
net = kw.zoo.load()  # It takes that name too, and then downloads.
print(net.encoder.vocabulary[:9], net.encoder.n)
# %% [markdown]
# ```wolfram
# net["hello world"]
# ```
# %%
print(net("hello world").numpy().round(1))
# %% [markdown]
# ```wolfram
# net["it always seems impossible until it is done"] // MatrixPlot
# ```
# %%
text = "it always seems impossible until it is done"
_ = kw.plot.matrix(net, text)
# %% [markdown]
# ```wolfram
# embed = NetInitialize@EmbeddingLayer[5, 2]; indices = {1, 2, 1}; embed[indices]
# ```
# %%
embed, indices = kw.EmbeddingLayer(5, 2), np.array([1, 2, 1])
# %% [markdown]
# ```wolfram
# NetExtract[embed, "Weights"][[indices]]
# ```
# %%
print(embed(indices).numpy() == embed.embeddings.numpy()[indices - 1])
