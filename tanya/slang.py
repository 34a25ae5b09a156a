"""Indonesian as it is chatted, and as documents write it.

Sneddon, "Colloquial Jakartan Indonesian" (2006), describes the forms and how they are derived.
The table holds forms that are hardly ever anything else: "sama", "pas", "mau" and "cuma" are good
words, "dr" is a doctor and "hr" a department, "slm" may be "selama" or "salam", "wa" is a word of
Swahili and "hp" a make of computers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# The standard wording, and the forms that it stands for.
_TABLE = """
    saya: gw gue gua gwe sy sya
    kamu: lo lu loe elu
    tidak: gak ga nggak ngga enggak engga kagak kaga tdk gk tdak
    bukan: bkn
    bagaimana: gimana gmn gmna gmana bgmn
    kapan: kpn
    di mana: dmn dmna
    mengapa: knp napa
    melakukan apa: ngapain
    apa: apaan
    siapa: sapa
    berapa: brp
    yang: yg yng
    dengan: dgn dg ama
    untuk: utk
    pada: pd
    dari: dri
    dalam: dlm dalem
    kepada: kpd
    tentang: ttg
    seperti: kayak kyk spt
    karena: krn karna
    kalau: kalo klo klw
    tetapi: tp
    atau: ato atw
    belum: blm belom blom
    sudah: udah udh sdh dah
    jadi: jd jdi
    orang: org
    banyak: bnyk byk
    sangat: bgt banget bngt
    saja: aja doang
    memang: emang emg
    benar: bener bnr
    sekarang: skrg skrng
    begitu: gitu
    begini: gini
    bisa: bs bsa
    tidak bisa: gabisa
    tidak mau: gamau
    tahu: tau
    juga: jg jga
    lagi: lg lgi
    sama: sm
    sampai: sampe smpe
    habis: abis
    harus: kudu hrs
    ingin: pengen pingin pgn
    membuat: bikin
    hanya: cuman
    sebelum: sblm
    setelah: stlh
    beberapa: bbrp
    sebagai: sbg
    sering: srg
    bagus: bgs
    uang: duit
    teman: temen tmn
    malam: malem
    dapat: dapet dpt
    besar: gede
    cepat: cepet
    tahun: taun thn
    bulan: bln
    jangan: jgn
    terus: trs trus mulu
    pakai: pake
    hidup: idup
    lihat: liat
    datang: dateng
    pekerjaan: kerjaan
    tanggal: tgl
    nomor: nmr nomer
    telepon: tlp tlpn telp telpon
"""
# They colour a question and say nothing of what is asked.
PARTICLES = frozenset("sih dong donk kok deh nih tuh loh lho".split())
_CLITICS = ("nya", "lah", "kah", "ku", "mu")
_DOUBLED = re.compile(r"([^\W\d_]{3,})2(nya|an)?")
_SHORTEST_STEM = 3
# The shortest verb in -in has a core of four letters: "login" is none.
_SHORTEST_VERB = 6

STANDARD = {
    form: standard
    for standard, _, forms in (line.strip().partition(": ") for line in _TABLE.strip().split("\n"))
    for form in forms.split()
}


def standard_form(form: str) -> str | None:
    """Return the standard wording for a form of the table, also with a clitic; None without one.

    A clitic needs one standard word to lean on: "orgnya" is "orangnya".
    """
    if form in STANDARD:
        return STANDARD[form]
    for clitic in _CLITICS:
        base = form.removesuffix(clitic)
        if base != form and len(base) >= _SHORTEST_STEM and " " not in STANDARD.get(base, " "):
            return STANDARD[base] + clitic
    return None


def undoubled(form: str) -> tuple[str, str] | None:
    """Return what "film2" and "dua2nya" double, and write them out; None for other words."""
    found = _DOUBLED.fullmatch(form)
    return found and (found[1], f"{found[1]}-{found[1]}{found[2] or ''}")


def written_verbs(form: str) -> Iterator[str]:
    """Yield the written forms that a colloquial one may stand for, the likeliest first.

    The suffix -in stands for -kan and -i, the bare nasal for me-: "jelasin" is "jelaskan",
    "nyusun" is "menyusun", "nyari" is "mencari", "ngelindungin" is "melindungi". Most of what is
    yielded are no words: it is for the caller to know which are.
    """
    bare = form.removesuffix("nya")
    clitic = form[len(bare) :]
    if bare.endswith("in") and len(bare) >= _SHORTEST_VERB:
        core = bare.removesuffix("in")
        verbs = [*_with_prefix(core), core]
        yield from (verb + ending + clitic for ending in ("kan", "i", "") for verb in verbs)
    yield from (
        verb + ending + clitic for ending in ("", "kan", "i") for verb in _with_prefix(bare)
    )


def _with_prefix(core: str) -> Iterator[str]:
    """Yield a verb with the written form of its prefix, nothing for one without a bare nasal."""
    if core.startswith("nge"):
        base = core.removeprefix("nge")
        yield from ("me" + base, "mem" + base, "men" + base, "meng" + base)
    if core.startswith("ny"):
        yield "menc" + core.removeprefix("ny")
    if core.startswith(("ng", "ny", "n", "m")):
        yield "me" + core
