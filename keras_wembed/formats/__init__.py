"""Readers of vectors files, one format each."""
