"""What a rebuild costs after a small change, as a share of a full build.

    python benchmarks/rebuild.py PATH/TO/CORPUS [--synthetic 500000]

It copies the corpus, builds its index, rebuilds it with nothing changed, and then, three times,
after a sentence was added to one document in a hundred. With ``--synthetic`` it does the same for
so many sentences made of those of the corpus. Their vectors are not computed, so that the time of
encoding is added: the number of texts that were to be encoded, by the rate of the real encoder on
sentences of the corpus, measured in the same run.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.synthetic import NoisyEncoder, sentences_in, write_corpus  # noqa: E402
from tanya.build import rebuild  # noqa: E402
from tanya.encoders.base import Encoder  # noqa: E402
from tanya.encoders.bundled import BundledEncoder  # noqa: E402
from tanya.records import Report  # noqa: E402
from tanya.settings import Settings  # noqa: E402

# One document in so many changes.
ONE_IN = 100
TIMES = 3
# Texts that the rate of encoding is measured on.
MEASURED = 4000


class Bench:
    """Builds an index again and again; what a build took includes encoding that was spared."""

    def __init__(self, settings: Settings, encoder: Encoder | None, seconds_a_text: float) -> None:
        self._settings = settings
        self._encoder = encoder
        self._seconds_a_text = seconds_a_text

    def build(self) -> tuple[Report, float, float]:
        """Build, and return the report, the seconds it took, and those of them that were added."""
        before = self._encoder.encoded if isinstance(self._encoder, NoisyEncoder) else 0
        started = time.perf_counter()
        report = rebuild(self._settings, encoder=self._encoder)
        taken = time.perf_counter() - started
        spared = 0.0
        if isinstance(self._encoder, NoisyEncoder):
            spared = (self._encoder.encoded - before) * self._seconds_a_text
        return report, taken + spared, spared

    def run(self) -> None:
        """Measure and print."""
        report, full, spared = self.build()
        added = f", {spared:.0f} s of them encoding by its rate" if spared else ""
        print(
            f"{report.documents} documents, {report.sentences} sentences: "
            f"full build {full:.1f} s{added}",
            flush=True,
        )
        report, taken, _ = self.build()
        assert not report.published
        print(f"  nothing changed: {taken:.2f} s, {taken / full:.2%} of a full build", flush=True)
        shares = []
        paths = sorted(p for p in self._settings.corpus.rglob("*") if p.is_file())
        for turn in range(TIMES):
            for number, path in enumerate(paths[turn::ONE_IN]):
                with path.open("a", encoding="utf-8") as stream:
                    stream.write(f"\nKalimat baru nomor {number} pada putaran {turn}.\n")
            report, taken, _ = self.build()
            assert report.published
            shares.append(taken / full)
            print(
                f"  {report.changed} documents changed, {report.embedded} sentences embedded: "
                f"{taken:.2f} s, {taken / full:.2%}",
                flush=True,
            )
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"  median {np.median(shares):.2%}; at most {held:.0f} MB held", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure rebuilding after small changes.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--synthetic", type=int, metavar="SENTENCES")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name, "corpus")
        settings = Settings(corpus=corpus, index=Path(name, "index"))
        if options.synthetic is None:
            shutil.copytree(options.corpus, corpus)
            Bench(settings, None, 0.0).run()
            return
        sentences = sentences_in(options.corpus)
        real = BundledEncoder("real", threads=os.cpu_count() or 1)
        measured = sentences[:MEASURED]
        vectors = real.views(sentences)
        started = time.perf_counter()
        real.encode_passages(measured)
        rate = (time.perf_counter() - started) / len(measured)
        print(f"encoding takes {1000 * rate:.2f} ms a text", flush=True)
        write_corpus(corpus, sentences, options.synthetic)
        Bench(settings, NoisyEncoder(vectors, {}), rate).run()


if __name__ == "__main__":
    main()
