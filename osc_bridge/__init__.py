"""The bridge between REAPER and avstem: a resident service, OSC and a spool of JSON files.

docs/spool.md is the contract of the files, docs/protocol.md the list of the OSC messages.
"""

CONTRACT = 1  # version of the files in the spool and of the OSC messages
