"""Accuracy and speed, ours beside the published methods on the same input (``make bench``)."""
