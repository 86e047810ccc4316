"""Notebooks with their pictures, made of the programs beside them."""
