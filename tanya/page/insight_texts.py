"""The texts of what the editor learns from readers' questions, in each of the page's languages."""

from __future__ import annotations

from dataclasses import dataclass

from tanya.gaps import Reason, State


@dataclass(frozen=True, slots=True)
class GapTexts:
    """The texts of the content gaps; ``{…}`` are filled in where they are shown."""

    tab: str
    hint: str
    off: str
    none: str
    none_of: str
    asking: str
    show: str
    states: dict[State, str]
    reasons: dict[Reason, str]
    last: str
    other_wordings: str
    handle: str
    fold: str
    assigned: str
    assign: str
    nobody: str
    edit: str
    nearest: str
    no_nearest: str
    keep_answer: str
    keep_answer_help: str
    keep_refusal: str
    keep_refusal_help: str
    kept: str
    kept_before: str
    dismiss: str
    reopen: str
    dismissed: str
    reopened: str
    more: str
    download: str


@dataclass(frozen=True, slots=True)
class HealthTexts:
    """The texts of how the page is doing; ``{…}`` are filled in where they are shown."""

    tab: str
    off: str
    period: str
    days: str
    questions: str
    refused: str
    median: str
    p95: str
    thumbs: str
    none: str
    per_day: str
    per_day_alt: str
    day: str
    answered: str
    confidence: str
    confidence_alt: str
    confidence_axis: str
    frequent: str
    question: str
    times: str
    milliseconds: str
    kept: str


@dataclass(frozen=True, slots=True)
class InsightTexts:
    """Both, in one language."""

    gaps: GapTexts
    health: HealthTexts


INDONESIAN = InsightTexts(
    gaps=GapTexts(
        tab="Belum terjawab",
        hint=(
            "Pertanyaan pembaca yang ditolak, dijawab dengan ragu, atau dinilai tidak menjawab; "
            "yang semakna dikelompokkan. Setiap kali indeks dibangun semuanya ditanyakan lagi, dan "
            "yang sudah terjawab ditutup."
        ),
        off="Pertanyaan tidak dicatat karena feedback = false.",
        none="Belum ada pertanyaan yang tak terjawab.",
        none_of="Tidak ada yang seperti ini.",
        asking="Menanyakan lagi pada indeks yang terbit: {done} dari {total}",
        show="Tampilkan",
        states={"open": "terbuka", "closed": "terjawab", "dismissed": "diabaikan"},
        reasons={"refused": "ditolak", "disliked": "dinilai tidak menjawab", "unsure": "ragu"},
        last="{count} kali, terakhir {time}",
        other_wordings="Juga ditanyakan",
        handle="Tangani",
        fold="Tutup",
        assigned="untuk {document}",
        assign="Dokumen yang akan menjawab",
        nobody="Belum ditentukan",
        edit="Sunting dokumen",
        nearest="Kutipan terdekat",
        no_nearest="Tidak ada kutipan yang dekat.",
        keep_answer="Ini jawabannya",
        keep_answer_help=(
            "Menjadikannya pertanyaan uji: indeks berikutnya harus menemukan kalimat ini."
        ),
        keep_refusal="Memang tak boleh dijawab",
        keep_refusal_help=(
            "Menjadikannya pertanyaan uji yang harus ditolak, dan mengabaikannya di sini."
        ),
        kept="Ditambahkan ke pertanyaan uji (questions.jsonl).",
        kept_before="Pertanyaan itu sudah ada di pertanyaan uji.",
        dismiss="Abaikan",
        reopen="Buka lagi",
        dismissed="Diabaikan.",
        reopened="Dibuka lagi.",
        more="Tampilkan lebih banyak",
        download="Unduh",
    ),
    health=HealthTexts(
        tab="Kinerja",
        off="Pertanyaan tidak dicatat karena feedback = false.",
        period="Rentang",
        days="{count} hari",
        questions="Pertanyaan",
        refused="Ditolak",
        median="Waktu jawab (median)",
        p95="Waktu jawab (95%)",
        thumbs="Membantu / tidak",
        none="Belum ada pertanyaan dalam rentang ini.",
        per_day="Pertanyaan per hari",
        per_day_alt="Diagram batang: pertanyaan yang dijawab dan ditolak setiap hari.",
        day="Hari",
        answered="Dijawab",
        confidence="Sebaran keyakinan",
        confidence_alt="Diagram batang: jumlah pertanyaan menurut keyakinan, dari 0 sampai 1.",
        confidence_axis="Keyakinan",
        frequent="Paling sering ditanyakan",
        question="Pertanyaan",
        times="Berapa kali",
        milliseconds="{count} ms",
        kept=(
            "Disimpan {days} hari di folder indeks (feedback.sqlite), hanya di komputer ini, tanpa "
            "data tentang orangnya."
        ),
    ),
)

ENGLISH = InsightTexts(
    gaps=GapTexts(
        tab="Gaps",
        hint=(
            "Readers' questions that were refused, answered with doubt, or whose answer was said "
            "not to help; those that mean the same are together. Each new index is asked them "
            "again, and what it answers is closed."
        ),
        off="Questions are not kept, because of feedback = false.",
        none="No question was left unanswered yet.",
        none_of="There is none of this kind.",
        asking="Asking the published index again: {done} of {total}",
        show="Show",
        states={"open": "open", "closed": "answered", "dismissed": "dismissed"},
        reasons={"refused": "refused", "disliked": "disliked", "unsure": "unsure"},
        last="{count} times, the last on {time}",
        other_wordings="Also asked",
        handle="Deal with it",
        fold="Close",
        assigned="for {document}",
        assign="Document that is to answer",
        nobody="Not decided yet",
        edit="Edit the document",
        nearest="Nearest passages",
        no_nearest="No passage is near.",
        keep_answer="This answers it",
        keep_answer_help="Makes it a test question: the next index has to find this sentence.",
        keep_refusal="Must not be answered",
        keep_refusal_help="Makes it a test question that has to be refused, and dismisses it here.",
        kept="Added to the test questions (questions.jsonl).",
        kept_before="That question is among the test questions already.",
        dismiss="Dismiss",
        reopen="Open again",
        dismissed="Dismissed.",
        reopened="Open again.",
        more="Show more",
        download="Download",
    ),
    health=HealthTexts(
        tab="Health",
        off="Questions are not kept, because of feedback = false.",
        period="Period",
        days="{count} days",
        questions="Questions",
        refused="Refused",
        median="Time to answer (median)",
        p95="Time to answer (95%)",
        thumbs="Helpful / not",
        none="No question was asked in this period.",
        per_day="Questions a day",
        per_day_alt="Bar chart: questions answered and refused on each day.",
        day="Day",
        answered="Answered",
        confidence="Distribution of the confidence",
        confidence_alt="Bar chart: the number of questions by confidence, from 0 to 1.",
        confidence_axis="Confidence",
        frequent="Asked most often",
        question="Question",
        times="Times asked",
        milliseconds="{count} ms",
        kept=(
            "Kept for {days} days in the index's folder (feedback.sqlite), on this machine only, "
            "with nothing about the person."
        ),
    ),
)

INSIGHT_LANGUAGES = {"id": INDONESIAN, "en": ENGLISH}
