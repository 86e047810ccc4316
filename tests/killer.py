"""Kills a process that fills the cache, at random instants, again and again.

Run by `test_kill.py` in a process without TensorFlow, so that a fork takes no time.
"""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import time

from keras_wembed import zoo
from keras_wembed.settings import home
from keras_wembed.vectors import WordVectors


def start(name):
    """The id of a process that gets the vectors of a model."""
    if child := os.fork():
        return child
    try:
        zoo.vectors(name)
    finally:
        os._exit(0)


def assert_whole(count):
    """Whatever stands under a good name is right."""
    for path in home().glob("files/*/*"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.parent.name == digest[:16], path
    for folder in home().glob("tables/[!.]*/"):
        with contextlib.suppress(FileNotFoundError):
            assert len(WordVectors.load(folder)) == count, folder


def empty():
    for name in ("files", "tables", "partial"):
        shutil.rmtree(home() / name, ignore_errors=True)


def kill_often(name, count, kills):
    instants = random.Random(name)
    begin = time.perf_counter()
    os.waitpid(start(name), 0)
    whole = time.perf_counter() - begin
    empty()
    killed = 0
    while killed < kills:
        child = start(name)
        time.sleep(instants.uniform(0, whole))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        assert_whole(count)
        if not os.WIFSIGNALED(status):
            empty()
    assert len(zoo.vectors(name)) == count
    assert_whole(count)
    return killed
