"""Processes on this machine that serve TensorFlow, for as long as they are needed.

On machines of your own, call `serve` on each.
"""

import multiprocessing
import socket
from contextlib import ExitStack, contextmanager

import tensorflow as tf


def serve(addresses, job, task):
    tf.distribute.Server(addresses, job, task, protocol="grpc").join()


def free_addresses(count):
    with ExitStack() as taken:
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        for each in sockets:
            taken.enter_context(each)
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


@contextmanager
def running(**counts):
    """The addresses of so many processes of each job."""
    free = free_addresses(sum(counts.values()))
    addresses = {job: [free.pop() for _ in range(n)] for job, n in counts.items()}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras_wembed"])  # TensorFlow is imported once.
    processes = [
        context.Process(target=serve, args=(addresses, job, task), daemon=True)
        for job, n in counts.items()
        for task in range(n)
    ]
    try:
        for process in processes:
            process.start()
        yield addresses
    finally:
        for process in processes:
            process.kill()
            process.join()
