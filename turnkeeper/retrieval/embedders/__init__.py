"""Embedders: one file for each model."""
