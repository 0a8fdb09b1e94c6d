"""The panel: a window on the running service. It decodes, aligns and separates nothing.

``model`` and ``presenter`` know no Qt and are what the tests drive; ``link`` is the connection,
``window`` and the modules named ``..._view`` and ``..._table`` draw what the presenter holds.
"""
