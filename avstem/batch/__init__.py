"""Many recordings in one go: plan first, then run, resumable, here or on a Dask cluster.

A front end like the command line and the service: it asks ``avstem.pipeline`` for stems, one
recording at a time, and never looks below. docs/batch.md is the user's side of it.
"""
