"""Tanya: ask a folder of documents.

The ways in are :func:`tanya.build.rebuild`, which brings an index up to date with a folder, and
:func:`tanya.search.open_searcher`, whose ``ask`` answers a question. Importing this package
imports neither, so that ``python -m tanya --help`` stays quick.
"""

__version__ = "0.1.0"
