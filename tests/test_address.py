"""The address: what it says comes back, and what makes no sense is left out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanya.catalogue import sentence_mark
from tanya.page.address import Address, Linked, linked_to, read_address
from tanya.records import Filter, Passage, Span

_WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_ADDRESSES = st.builds(
    Address,
    question=_WORD,
    language=st.sampled_from(["id", "en"]) | st.none(),
    among=st.builds(
        Filter,
        categories=st.lists(_WORD, max_size=3).map(tuple),
        documents=st.lists(_WORD, max_size=3).map(tuple),
        attributes=st.lists(
            st.tuples(_WORD | st.sampled_from(["a:b", ":", "100%", "%3A"]), _WORD), max_size=3
        ).map(tuple),
    ),
    results=st.integers(1, 9999) | st.none(),
    linked=st.builds(Linked, document=_WORD, mark=st.just("0123456789"), excerpt=_WORD) | st.none(),
)


@given(_ADDRESSES)
def test_what_a_link_says_is_read_again(address: Address) -> None:
    link = urlsplit(address.link("http://127.0.0.1:8501/?q=before&x=y#z"))
    assert (link.netloc, link.path, link.fragment) == ("127.0.0.1:8501", "/", "")
    assert read_address(parse_qs(link.query, keep_blank_values=True)) == address


def test_the_filters_of_older_links_are_read_and_a_colon_in_a_name_is_no_end_of_it() -> None:
    old = read_address({"attribute": ["level:lanjut", "url:http://a/b", "100% baru:ya"]})
    assert old.among.attributes == (
        *(("level", "lanjut"), ("url", "http://a/b"), ("100% baru", "ya")),
    )
    address = Address(among=Filter(attributes=(("dc:type", "teks: satu"), ("level", "lanjut"))))
    assert address.parameters() == {"attribute": ["dc%3Atype:teks: satu", "level:lanjut"]}
    assert read_address(address.parameters()) == address


@pytest.mark.parametrize("number", ["", "-1", "²", "1e3", "99999", "x"])
def test_a_number_that_is_none_is_left_out(number: str) -> None:
    assert read_address({"n": [number], "s": ["no separator"]}) == Address()


def test_a_text_of_any_length_in_a_link_is_cut_and_an_own_one_is_not() -> None:
    mark = "0123456789:a.md"
    linked = read_address({"s": [mark], "t": ["gaji guru " * 40_000]}).linked
    assert linked is not None
    assert len(linked.excerpt) <= 280
    assert linked.excerpt.startswith("gaji guru gaji guru")
    assert read_address({"s": [mark], "t": [linked.excerpt]}).linked == linked


def test_half_a_character_does_not_break_a_link() -> None:
    assert Address(question="a\ud800").link("http://a/") == "http://a/?q=a%3F"


def test_a_link_to_a_sentence_carries_its_mark_and_what_it_says_without_markup() -> None:
    found = Passage(
        document="a.md",
        title="A",
        category="",
        headings=(),
        sentence="Ia **sabar**.",
        start=20,
        end=33,
        passage="Ia **sabar**.",
        passage_start=20,
        passage_end=33,
        line=1,
        score=1.0,
        hidden=(Span(23, 25), Span(30, 32)),
    )
    assert linked_to(found) == Linked("a.md", sentence_mark("Ia sabar."), "Ia sabar.")
