"""What surrounds a sentence, with the arithmetic written out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tanya.evidence import Evidence, write_evidence

# Two documents: of three sentences in two paragraphs, and of two in two.
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 1], [1, 0]], dtype=np.float16)
DOCUMENTS = np.array([0, 0, 0, 1, 1])
PARAGRAPHS = np.array([0, 0, 1, 0, 1])
# What they are about, whose vectors may be of another length.
TOPICS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1], [0, 1, 0], [0.8, 0.6, 0]], dtype=np.float16)
ALL = np.arange(5)
QUESTION = np.array([1, 0], dtype=np.float32)
TOPIC = np.array([0, 1, 0], dtype=np.float32)


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """The evidence of the five sentences, read back from disk."""
    write_evidence(
        tmp_path / "evidence",
        VECTORS,
        topics=TOPICS,
        documents=DOCUMENTS,
        paragraphs=PARAGRAPHS,
    )
    return Evidence(tmp_path / "evidence")


def test_a_sentence_alone_has_its_own_similarity(evidence: Evidence) -> None:
    assert evidence.alone(QUESTION, ALL) == pytest.approx([1, 0, 0.6, 0, 1], abs=1e-3)


def test_a_documents_similarity_is_the_mean_of_its_sentences(evidence: Evidence) -> None:
    first, second = (0 + 0.8 + 0) / 3, (1 + 0.6) / 2
    found = evidence.of_document(TOPIC, np.array([4, 1, 0]))
    assert found == pytest.approx([second, first, first], abs=1e-3)


def test_a_typical_sentence_is_like_the_mean_of_its_document(evidence: Evidence) -> None:
    # The means are (1.6, 1.8) / 3 and (1, 1) / 2; their directions (1.6, 1.8) / sqrt(5.8) and
    # (1, 1) / sqrt(2).
    first, second = np.sqrt(1.6**2 + 1.8**2), np.sqrt(2)
    expected = [1.6 / first, 1.8 / first, (0.6 * 1.6 + 0.8 * 1.8) / first, 1 / second, 1 / second]
    assert evidence.typical(ALL) == pytest.approx(expected, abs=1e-3)
    assert evidence.typical(np.array([4, 0])) == pytest.approx([expected[4], expected[0]], abs=1e-3)


def test_a_document_whose_sentences_cancel_out_has_no_typical_one(tmp_path: Path) -> None:
    opposite = np.array([[1, 0], [-1, 0]], dtype=np.float16)
    numbers = np.zeros(2, dtype=np.int64)
    write_evidence(
        tmp_path / "opposite",
        opposite,
        topics=opposite,
        documents=numbers,
        paragraphs=numbers,
    )
    assert Evidence(tmp_path / "opposite").typical(np.arange(2)).tolist() == [0, 0]


def test_the_layout_is_what_paragraphs_at_one_place_have_in_common(evidence: Evidence) -> None:
    # Differences from the documents' means: (7/15, -8/15), ... in their first coordinate
    # 1 - 8/15, 0 - 8/15, 0.6 - 8/15 and 0 - 1/2, 1 - 1/2; summed by paragraph, mean of documents.
    first = ((1 - 8 / 15) + (0 - 8 / 15) + (0 - 1 / 2)) / 2
    second = ((0.6 - 8 / 15) + (1 - 1 / 2)) / 2
    expected = [first, first, second, first, second]
    assert evidence.of_layout(QUESTION, ALL) == pytest.approx(expected, abs=2e-3)


def test_paragraphs_far_down_have_no_place_in_the_layout(tmp_path: Path) -> None:
    write_evidence(
        tmp_path / "far",
        VECTORS,
        topics=TOPICS,
        documents=DOCUMENTS,
        paragraphs=np.array([0, 1, 500, 0, 70]),
    )
    found = Evidence(tmp_path / "far").of_layout(QUESTION, ALL)
    assert found[[2, 4]].tolist() == [0, 0]
    assert found[0] == found[3] != 0


def test_the_rows_of_a_document_follow_one_another(evidence: Evidence) -> None:
    assert evidence.rows(0).tolist() == [0, 1, 2]
    assert evidence.rows(1).tolist() == [3, 4]
    assert evidence.documents(ALL).tolist() == DOCUMENTS.tolist()


def test_a_single_sentence_is_read_back(tmp_path: Path) -> None:
    write_evidence(
        tmp_path / "one",
        VECTORS[:1],
        topics=TOPICS[:1],
        documents=DOCUMENTS[:1],
        paragraphs=PARAGRAPHS[:1],
    )
    evidence = Evidence(tmp_path / "one")
    assert len(evidence) == 1
    assert evidence.of_layout(QUESTION, np.array([0])) == pytest.approx([0], abs=1e-3)


def test_what_a_sentence_is_about_has_a_vector_of_its_own(evidence: Evidence) -> None:
    assert evidence.topic(TOPIC, ALL) == pytest.approx([0, 0.8, 0, 1, 0.6], abs=1e-3)
    assert evidence.topic(TOPIC, np.array([1])) == pytest.approx([0.8], abs=1e-3)
