"""Labels in, vectors out: what a table of numbers knows about its rows.

Learns a vector for each city and for each month, so that their product is the
temperature; fills gaps, and shows which cities came to be alike. From a clone:
    python -m examples.labels
"""

import keras
import numpy as np

from keras_wembed import ClassEncoder, EmbeddingLayer, WordVectors

GAP = np.nan
TABLE = {  # About what the thermometer shows from January on, in degrees Celsius.
    "Reykjavik": [0, 0, 1, 3, 7, 10, GAP, 11, 8, 5, 2, 0],
    "Oslo": [-4, -4, 0, 5, 11, 15, 17, 16, 11, 6, 0, -3],
    "Moscow": [-7, -6, -1, 7, 13, 17, 19, 17, 11, 6, -1, -5],
    "Winnipeg": [-16, -13, -6, 4, 12, 17, 20, 19, 13, GAP, -5, -13],
    "Cairo": [14, 15, 18, 21, 25, 27, 28, 28, 26, 24, 19, 15],
    "Delhi": [14, 17, 23, 29, 33, 34, 31, 30, 29, 26, 20, 15],
    "Singapore": [27, 27, 28, 28, 29, 29, 28, 28, 28, 28, 27, 27],
    "Sydney": [23, 23, 22, 19, 16, 14, GAP, 14, 17, 19, 20, 22],
    "Cape Town": [21, 21, 20, 17, 15, 13, 12, 13, 14, 16, 18, 20],
    "Buenos Aires": [25, 24, 22, 18, 14, 12, 11, 13, 15, 18, 21, 24],
}


def model_of(city):
    inputs = [keras.Input((), dtype="string"), keras.Input((), dtype="int64")]
    month = EmbeddingLayer(3, 12)  # months are ids already: 1 to 12
    product = keras.layers.Dot(axes=-1)([city(inputs[0]), month(inputs[1])])
    return keras.Model(inputs, keras.layers.Rescaling(10.0)(product))


def main(epochs=100):
    keras.utils.set_random_seed(1)
    cities = np.repeat(np.array([*TABLE], object), 12)
    months = np.tile(np.arange(1, 13), len(TABLE))
    degrees = np.concatenate([*TABLE.values()])
    read, gap = ~np.isnan(degrees), np.isnan(degrees)
    city = EmbeddingLayer(3, input=ClassEncoder([*TABLE]))  # which sets n: 10
    model = model_of(city)
    model.compile(keras.optimizers.Adam(0.05), "mse")
    known = [cities[read], months[read]]
    model.fit(known, degrees[read], batch_size=200, epochs=epochs, verbose=0)
    print(
        f"off by {model.evaluate(known, degrees[read], verbose=0) ** 0.5:.1f} degrees"
    )
    filled = model.predict([cities[gap], months[gap]], verbose=0).ravel()
    for where, when, guess in zip(cities[gap], months[gap], filled, strict=True):
        print(f"{where} in month {when}: {guess:.0f}")
    vectors = WordVectors(city.encoder.vocabulary, city.embeddings.numpy())
    for name in ["Oslo", "Sydney", "Delhi"]:
        near, then = vectors.most_similar(name, k=2)
        print(f"{name} is like {near[0]} and {then[0]}")
    return filled


if __name__ == "__main__":
    main()
