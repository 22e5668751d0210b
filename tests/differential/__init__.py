"""Molotov 3 beside the original: the same scripts under both."""
