"""Bytes from an address to a file, on a bad network."""
