"""From files to documents: what is read, how it is decoded and where its paragraphs are."""

from tanya.documents.files import (
    SUFFIXES,
    CorpusFile,
    ReadDocument,
    Unreadable,
    check_corpus,
    document_of,
    list_files,
    read_document,
)

__all__ = [
    "SUFFIXES",
    "CorpusFile",
    "ReadDocument",
    "Unreadable",
    "check_corpus",
    "document_of",
    "list_files",
    "read_document",
]
