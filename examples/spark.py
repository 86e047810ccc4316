"""The vectors of `examples.corpus` by Apache Spark; here with two Python workers.

Needs `pip install keras-wembed[spark]` and Java. From a clone:
    python -m examples.spark folder model.keras file file.gz ...
"""

import sys

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession


def vectors(model):
    """What turns batches of texts into batches of texts and their vectors."""

    def of(batches):
        # Here, so that workers alone load TensorFlow, and each of them the model once.
        from examples.corpus import loaded

        for batch in batches:
            texts = np.array(batch["value"].to_pylist(), object)
            rows = loaded(model)(texts).numpy()
            ends = np.arange(len(rows) + 1, dtype="int32") * rows.shape[1]
            lists = pa.ListArray.from_arrays(ends, rows.ravel())
            yield pa.RecordBatch.from_arrays(
                [batch["value"], lists], ["text", "vector"]
            )

    return of


def main(out, model, *files):
    spark = SparkSession.builder.master("local[2]").getOrCreate()
    # A batch is what one call of the model takes.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 1024)
    texts = spark.read.text(list(files))
    found = texts.mapInArrow(vectors(model), "text string, vector array<float>")
    found.write.parquet(out)
    print(f"{spark.read.parquet(out).count()} texts")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
