"""Where a sentence ends: sentencex, corrected where it does not know Indonesian.

sentencex (https://github.com/wikimedia/sentencex) knows the full stops of some 240 languages and
the abbreviations of many, but has no rules for Indonesian, takes lines for one sentence and never
cuts a long text without punctuation. Everything here works on offsets, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from tanya.records import Span

# A "sentence" without punctuation is cut here, in characters.
LONGEST = 1000

# After these, in small or capital letters, a sentence never ends.
_PREFIXES = frozenset(
    """
    a.n. u.p. u.b. d.a. d/a. a.l. c.q. cq. yth. ytc. sdr. sdri. bpk. tn. nn.
    dr. drg. drh. drs. dra. hj. kh. k.h. tgk. tgh. ustd. ustz.
    jl. jln. gg. kec. kab. kpg. kav. rp. tgl.
    letjen. mayjen. brigjen. jend. letkol. akbp. kompol. kombes.
    bhs. telp. pkl. kpd. dgn. utk. yg. spt. ttg. cf. vs. e.g. i.e. mr. mrs.
    """.split()
)
# After these, written like this, a sentence never ends.
_CAPITAL_PREFIXES = frozenset("Ir. Kel. Ms. Prof. PROF. Prov. St.".split())
# After these a sentence does not end when a number follows.
_BEFORE_NUMBERS = frozenset(
    """
    no. nos. nr. hlm. p. pp. ps. psl. vol. jil. ed. cet. gb. gbr. art.
    fig. sec. ch. ca. th. thn. lt. km.
    """.split()
)
# After these, and after degrees and initials, it ends only when a usual opening follows.
_OFTEN_INSIDE = frozenset("dll. dsb. dst. dkk. tsb. ybs. sbb. s.d. s/d. tbk. etc. dept.".split())
# The same four for Indonesian alone: elsewhere these end sentences, as "an" does in German and
# in French, "ir" in Spanish, "ny" in Swedish, "mis" and "al" in Dutch, "CV" and "bag" in English.
_INDONESIAN_PREFIXES = frozenset("an. ir. kel. ms. ny. prof. prov. pt.".split())
_INDONESIAN_CAPITAL_PREFIXES = frozenset(
    "H. R. Rr. RM. Ust. Bp. Kol. Kapt. Lettu. Serma. Ds. Dsn. UD. PD. Fa. Rt. Rw. RT. RW.".split()
)
_INDONESIAN_BEFORE_NUMBERS = frozenset("hal. bag. tab. lamp. ay.".split())
_INDONESIAN_OFTEN_INSIDE = frozenset("al. cv. mis.".split())
# Where Indonesian abbreviations are written: Indonesian, Malay and their neighbours, by their codes
# or by the names that people give them.
_INDONESIAN = frozenset(
    "id in ind ms may msa jv jav su sun mad min ban bjn ace bug bahasa indonesia indonesian".split()
)
# Titles of other languages, in small letters as they are written there.
_MORE_PREFIXES = {"nl": frozenset("ir. prof.".split())} | dict.fromkeys(
    "cs da hr it nb no pl ro sk sl sv".split(), frozenset(["prof."])
)
# S.Pd., M.Si., Ph.D., Sp.OG., B.J., UU.: letters parted by full stops.
_DEGREE = re.compile(r"(?:[A-Z][A-Za-z]{0,5}\.){2,}")
_INITIAL = re.compile(r"[A-Z]\.")
_LIST_NUMBER = re.compile(r"(?:\d{1,2}|[a-z])[.]")
_OPENINGS = frozenset(
    """
    ia dia beliau mereka kami kita saya aku anda kamu ini itu ada adalah agar akan akhirnya
    akibatnya apa apabila apakah atas bagaimana bagi bahkan banyak beberapa begitu berbeda berikut
    biasanya bila bukan cara dahulu dalam dan dari demikian dengan di dua empat hal hampir hanya
    hari hingga jadi jangan jika kadang kalau karena kata kedua kemudian kendati kenyataannya
    ketika keempat kepada kerap ketiga kini lalu lebih maka meski meskipun mulai namun oleh orang
    pada padahal para pekerjaan pertama sebab sebagai sebagian sebaliknya sebelum sebuah secara
    sedangkan sehari sehingga sejak sekarang sekitar selain selama selanjutnya semua semoga
    sementara sering seorang seperti sesudah setelah setiap siapa tanpa tapi telah terkadang
    tetapi tiap tiga tidak tugas tugasnya untuk walau walaupun waktu yang
    he she it they we you the this that these those there in on at for from after before but
    however when while if as i his her their its our and or so then
    """.split()
)
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|www\.)[^\s<>\"]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+"
    r"|\b(?:[\w-]++\.)+(?:com|org|net|id|io|edu|gov|go\.id|co\.id|ac\.id|or\.id)\b(?:/[^\s<>\"]*)?",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"(?:…|(?<!\.)\.{3,}+)[\"”’»)\]]*\s+(?=[\"“‘«(\[]?(?P<next>\w))")
_STOP_BEFORE_WORD = re.compile(r"[A-Za-z]\.\s+(?P<word>[A-Z][a-z]+)\b")
# A company's form ends its name, so that a capital letter after it mostly begins a sentence; after
# "U.S." it mostly goes on with a name, as in "U.S. Senate" (sentencex takes both for the middle).
_COMPANY = re.compile(r"\b(?:Inc|Ltd|Corp)\.\s+(?=[A-Z][a-z]+\b(?!\.))")
# Marks that sentencex does not know: the Khmer and the Tibetan full stop.
_OTHER_STOPS = re.compile(r"[។៕]\s*(?=\S)|[།༎]\s+(?=\S)")
# How much of a text sentencex gets at once, in characters.
_STRETCH = 10_000
# How far back and ahead of a possible end of a sentence to look, in characters: looking at all
# of a long text at each of its sentences would take for ever.
_LOOK_BACK = 60
_LOOK_AHEAD = 300
_LAST_TOKEN = re.compile(r"[(\[\"'“‘«]*(?P<token>\S+)$")
_CLOSED = re.compile(r"[\"”’»」』)\]]$")
_PAIRS = {"(": ")", "[": "]", "“": "”", "«": "»", "「": "」", "『": "』"}
_PAIR_SIGN = re.compile(f'["{re.escape("".join((*_PAIRS, *_PAIRS.values())))}]')
# Where a text without full stops is best cut, best first.
_CUTS = (
    re.compile(r"[.!?…。！？।؟۔։።][\"”’»」)\]]*\s*"),
    re.compile(r"[;:；：—]\s*"),
    re.compile(r"[,،、，]\s*"),
    re.compile(r"\s+"),
)
# A language for each script, others that are written in it, and its letters.
_SCRIPTS = (
    ("ja", (), re.compile(r"[\u3040-\u30ff]")),
    ("zh", (), re.compile(r"[\u3400-\u9fff]")),
    ("ko", (), re.compile(r"[\uac00-\ud7af]")),
    ("ru", ("uk", "bg", "sr", "be", "mk", "kk"), re.compile(r"[\u0400-\u04ff]")),
    ("el", (), re.compile(r"[\u0370-\u03ff]")),
    ("hy", (), re.compile(r"[\u0530-\u058f]")),
    ("ar", ("fa", "ur", "ps"), re.compile(r"[\u0600-\u06ff]")),
    ("hi", ("mr", "ne"), re.compile(r"[\u0900-\u097f]")),
    ("bn", ("as",), re.compile(r"[\u0980-\u09ff]")),
    ("ta", (), re.compile(r"[\u0b80-\u0bff]")),
    ("th", (), re.compile(r"[\u0e00-\u0e7f]")),
    ("my", (), re.compile(r"[\u1000-\u109f]")),
    ("am", ("ti",), re.compile(r"[\u1200-\u137f]")),
    ("km", (), re.compile(r"[\u1780-\u17ff]")),
)
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u3040-\ud7ff]")


def split(text: str, language: str) -> list[Span]:
    """Return the sentences of one paragraph, as offsets into it, in order.

    Args:
        text: one paragraph, list item or table row; line ends within it count as blanks.
        language: its ISO 639-1 code; the script has the last word where it contradicts.

    White space between sentences belongs to none of them. What holds no letter and no digit
    (a lone dash, a row of stars) belongs to the sentence before it, or to none.
    """
    flat = re.sub(r"\s", " ", text).rstrip()
    breaks = sorted(
        position
        for position in _candidates(flat, language)
        if not _joined(flat, position, language)
    )
    pieces: list[Span] = []
    for start, end in zip([0, *breaks], [*breaks, len(flat)], strict=True):
        pieces.extend(_shortened(flat, start, end))
    return list(_worded(flat, pieces))


def script_language(text: str, language: str) -> str:
    """Return the language that a text's script speaks for; ``language`` where it is Latin."""
    if _NOT_LATIN.search(text) is None:
        return language
    letters = len(_LETTER.findall(text))
    for code, relatives, pattern in _SCRIPTS:
        # A Japanese sentence may be mostly Chinese characters, but never without its own.
        share = 0.1 if code == "ja" else 0.5
        if len(pattern.findall(text)) > share * letters:
            return language if language in relatives else code
    return language


def _candidates(text: str, language: str) -> set[int]:
    """Return where a sentence may begin, beyond the first."""
    found = set(_sentencex_starts(text, script_language(text, language)))
    changes = _pair_changes(text)
    for match in _ELLIPSIS.finditer(text):
        if match["next"].isupper() and not _inside_pair(changes, match.start()):
            found.add(match.end())
    for match in _STOP_BEFORE_WORD.finditer(text):
        # sentencex takes every degree and initial for the middle of a sentence.
        if match["word"].lower() in _OPENINGS and not _inside_pair(changes, match.start()):
            found.add(match.start("word"))
    for match in _COMPANY.finditer(text):
        if not _inside_pair(changes, match.start()):
            found.add(match.end())
    found.update(match.end() for match in _OTHER_STOPS.finditer(text))
    return {position for position in found if 0 < position < len(text)}


def _sentencex_starts(text: str, language: str) -> Iterator[int]:
    """Yield where sentencex begins a sentence, beyond the first.

    It takes a text without blanks a time that grows with the square of its length, so that it
    gets a long one in stretches, each from the last sentence of the one before.
    """
    start = 0
    while True:
        boundaries = get_sentence_boundaries(language, text[start : start + _STRETCH])
        starts = [start + boundary["start_index"] for boundary in boundaries[1:]]
        yield from starts
        if start + _STRETCH >= len(text):
            return
        start = starts[-1] if starts else start + _STRETCH


def _joined(text: str, position: int, language: str) -> bool:
    """Say whether what stands before and after ``position`` is one sentence after all."""
    end = position
    while end and text[end - 1] == " ":
        end -= 1
    left = text[max(0, end - _LOOK_BACK) : end]
    right = text[position : position + _LOOK_AHEAD].lstrip()
    if not left or not right:
        return not left
    found = _LAST_TOKEN.search(left)
    token = found["token"] if found is not None else ""
    if end == position:
        if _in_address(text, position):
            return True
        if left[-1] in ".?!":
            return not _missing_blank(token, right)
    if _CLOSED.search(left):
        # A quotation that the sentence goes on after: "Apa?" tanyanya.
        return right[0].islower() or right.startswith(("と", "って"))
    if left.endswith(("…", "...")):
        return right[0].islower()
    return left[-1] == "." and _abbreviates(token, left, right, language)


def _in_address(text: str, position: int) -> bool:
    """Say whether ``position`` stands within a web or mail address."""
    # A full stop of another script, as the Chinese one, ends an address.
    if not text[position - 1].isascii():
        return False
    before = text[max(0, position - _LOOK_AHEAD) : position].rpartition(" ")[2]
    after = text[position : position + _LOOK_AHEAD].partition(" ")[0]
    return any(
        match.start() < len(before) < match.end() for match in _ADDRESS.finditer(before + after)
    )


def _abbreviates(token: str, left: str, right: str, language: str) -> bool:
    """Say whether the full stop that ends ``token`` is an abbreviation's, not a sentence's."""
    following = re.match(r"[\"“‘«(\[]*(?P<word>\w+)", right)
    word = following["word"] if following is not None else ""
    code = re.split(r"[-_\s]", language, maxsplit=1)[0]
    indonesian = code in _INDONESIAN
    if _before_number(token, word, indonesian=indonesian) or _prefixes(token, code):
        return True
    if _LIST_NUMBER.fullmatch(token) and (len(token) == len(left) or word[:1].islower()):
        return True
    lower = token.lower()
    opens = word[:1].isupper() and word.lower() in _OPENINGS
    inside = (
        lower in _OFTEN_INSIDE
        or (indonesian and lower in _INDONESIAN_OFTEN_INSIDE)
        or left.lower().endswith("et al.")
        or _DEGREE.fullmatch(token)
        or _INITIAL.fullmatch(token)
    )
    return bool(inside) and not opens


def _prefixes(token: str, code: str) -> bool:
    """Say whether ``token`` is an abbreviation that only ever stands before something."""
    lower = token.lower()
    if lower in _PREFIXES or token in _CAPITAL_PREFIXES:
        return True
    if code in _INDONESIAN:
        return lower in _INDONESIAN_PREFIXES or token in _INDONESIAN_CAPITAL_PREFIXES
    return lower in _MORE_PREFIXES.get(code, ())


def _before_number(token: str, word: str, *, indonesian: bool) -> bool:
    """Say whether ``token`` abbreviates what the number ``word`` counts.

    "hal." and "no." are words too, so that only a number after them tells. "I" is a number in
    Indonesian alone; elsewhere it is a word, as in "He said no. I left."
    """
    lower = token.lower()
    if lower not in _BEFORE_NUMBERS and not (indonesian and lower in _INDONESIAN_BEFORE_NUMBERS):
        return False
    roman = re.fullmatch("[IVXLC]+", word) is not None and (indonesian or word != "I")
    return roman or word[:1].isdigit()


def _missing_blank(token: str, right: str) -> bool:
    """Say whether a sentence ends here although no blank follows: "satu.Kalimat dua"."""
    if not right[0].isascii():
        return True
    return bool(re.match(r"[A-Z][a-z]+", right) and re.fullmatch(r"\W*[\w-]*[a-z]{2}[.?!]+", token))


def _pair_changes(text: str) -> list[int]:
    """Return where brackets and quotation marks begin and where they end again, in turn."""
    changes: list[int] = []
    depth, quoted = 0, False
    for match in _PAIR_SIGN.finditer(text):
        sign = match.group()
        if sign == '"':
            quoted = not quoted
        else:
            depth = depth + 1 if sign in _PAIRS else max(0, depth - 1)
        inside = quoted or depth > 0
        # So far the text is inside a pair when the number of changes is odd.
        if inside != (len(changes) % 2 == 1):
            changes.append(match.start())
    return changes


def _inside_pair(changes: list[int], position: int) -> bool:
    """Say whether ``position`` stands within brackets or quotation marks."""
    return bisect_left(changes, position) % 2 == 1


def _shortened(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield ``start`` to ``end`` in pieces of at most ``LONGEST`` characters."""
    while end - start > LONGEST:
        cut = _best_cut(text, start, start + LONGEST)
        yield Span(start, cut)
        start = cut
    yield Span(start, end)


def _best_cut(text: str, start: int, end: int) -> int:
    """Return the last good place to cut between the middle and the end of a stretch."""
    middle = start + (end - start) // 2
    for pattern in _CUTS:
        ends = [match.end() for match in pattern.finditer(text, middle, end)]
        if ends:
            return ends[-1]
    # The vowels of Thai are marks, too, although they combine with nothing by their class of 0.
    while end > middle and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return end


def _worded(text: str, pieces: list[Span]) -> Iterator[Span]:
    """Yield the pieces without the white space around them and without those that say nothing."""
    kept: Span | None = None
    for piece in pieces:
        raw = text[piece.start : piece.end]
        start = piece.start + len(raw) - len(raw.lstrip())
        end = piece.start + len(raw.rstrip())
        if start >= end:
            continue
        if not re.search(r"[^\W_]", text[start:end]):
            if kept is not None:
                kept = Span(kept.start, end)
            continue
        if kept is not None:
            yield kept
        kept = Span(start, end)
    if kept is not None:
        yield kept
