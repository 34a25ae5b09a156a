"""Sessions with a served page that speak Streamlit's own protocol, as its page in a browser does.

They are the sessions of any reader to the server: each has a websocket, runs the page's script, and
gets all that is shown. Only what a browser would then do with it is left out.
"""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from tanya.page.address import LANGUAGE, QUESTION
from tanya.page.texts import INDONESIAN
from tanya.records import Answer, Passage
from tanya.text import hide

# Seconds that an answer may take at the longest.
PATIENCE = 60.0
_BEST = re.compile(
    r'<article class="tanya-card tanya-best">.*?<span class="tanya-place">(?P<place>.*?)</span>'
    r".*?<mark>(?P<sentence>.*?)</mark>",
    re.DOTALL,
)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says, by which it is told from others: where, and which sentence; or neither.

    A refusal has no place and no sentence.
    """

    place: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question: what was told, how long it took, and what went wrong, if anything.

    ``answered`` are the seconds from sending it to having the answer, ``ended`` those to having all
    of the page.
    """

    question: str
    told: Told | None
    answered: float
    ended: float
    problems: tuple[str, ...]


def told_by(answer: Answer) -> Told:
    """Return what the page has to say of ``answer``, in Indonesian."""
    if not answer.answered:
        return Told()
    best: Passage = answer.results[0]
    sentence = hide(best.sentence, best.start, best.hidden).replace("\0", "")
    place = INDONESIAN.place.format(document=best.document, line=best.line)
    return Told(place, _folded(sentence))


def told_in(markup: Sequence[str], headings: Sequence[str]) -> Told | None:
    """Return what the page says in its HTML and its headings, None if it says nothing yet."""
    for text in markup:
        found = _BEST.search(text)
        if found:
            place, sentence = (html.unescape(_TAG.sub("", part)) for part in found.groups())
            return Told(place, _folded(sentence))
    return Told() if INDONESIAN.not_found in headings else None


def _folded(text: str) -> str:
    """Return a text without differences that only its layout makes."""
    return " ".join(text.split())


class Asking(Protocol):
    """Whoever can ask the page: a session of the protocol alone, or a page in a browser."""

    async def open(self) -> Reply:
        """Open the page."""

    async def ask(self, question: str, expected: Told) -> Reply:
        """Ask a question and wait for the answer, which should be as ``expected``."""


@dataclass(slots=True)
class _Shown:
    """What one run of the page's script has shown so far."""

    markup: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, element: Element) -> None:
        """Take an element in."""
        kind = element.WhichOneof("type")
        if kind == "html":
            self.markup.append(element.html.body)
        elif kind == "heading":
            self.headings.append(element.heading.body)
        elif kind == "exception":
            self.problems.append(f"an exception was shown: {element.exception.message}")
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.problems.append(f"an error was shown: {element.alert.body}")


class Visitor:
    """One session, in Indonesian, that asks one question after another."""

    def __init__(self, socket: ClientConnection, address: str) -> None:
        self._socket = socket
        self._context = ContextInfo(
            timezone="Asia/Jakarta",
            timezone_offset=-420,
            locale="id-ID",
            url=f"{address}/",
            is_embedded=False,
            color_scheme="light",
        )
        self._query = ""
        self._script = ""
        # The names that the server gave to the widgets that a reader touches.
        self._widgets: dict[str, str] = {}
        # What the server need not send again, by its hash.
        self._kept: dict[str, ForwardMsg] = {}

    async def open(self) -> Reply:
        """Open the page, as whoever has typed its address."""
        return await self._run("", [])

    async def ask(self, question: str, expected: Told) -> Reply:
        """Type a question, press Enter, and wait until all of the page is there."""
        language = WidgetState(id=self._widgets[LANGUAGE])
        language.string_array_value.data.append(INDONESIAN.name)
        typed = WidgetState(id=self._widgets[QUESTION], string_value=question)
        reply = await self._run(question, [language, typed])
        asked = parse_qs(self._query).get("q", [""])[0]
        if reply.told == expected and asked == question:
            return reply
        problem = f"{question!r} got {reply.told}, not {expected}; the address has {asked!r}"
        return replace(reply, problems=(*reply.problems, problem))

    async def _run(self, question: str, widgets: Sequence[WidgetState]) -> Reply:
        """Have the page's script run, and take in what it shows."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._script
        state.widget_states.widgets.extend(widgets)
        state.context_info.CopyFrom(self._context)
        state.cached_message_hashes.extend(self._kept)
        shown = _Shown()
        answered = 0.0
        sent = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                got = await self._socket.recv()
                received = ForwardMsg.FromString(got if isinstance(got, bytes) else got.encode())
                kind = received.WhichOneof("type")
                if kind == "script_finished":
                    break
                self._take(received, shown)
                if not answered and told_in(shown.markup, shown.headings) is not None:
                    answered = time.perf_counter() - sent
        ended = time.perf_counter() - sent
        if received.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            shown.problems.append(f"the script ended with {received.script_finished}")
        told = told_in(shown.markup, shown.headings)
        return Reply(question, told, answered, ended, tuple(shown.problems))

    def _take(self, received: ForwardMsg, shown: _Shown) -> None:
        """Take in what a run says of the page, as a browser does: what is large it keeps."""
        if received.metadata.cacheable:
            self._kept[received.hash] = received
        elif received.ref_hash:
            received = self._kept[received.ref_hash]
        kind = received.WhichOneof("type")
        if kind == "new_session":
            self._script = received.new_session.page_script_hash
        elif kind == "page_info_changed":
            self._query = received.page_info_changed.query_string
        elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
            element = received.delta.new_element
            shown.add(element)
            for name, widget in (
                (QUESTION, element.text_input.id),
                (LANGUAGE, element.button_group.id),
            ):
                if widget.endswith(f"-{name}"):
                    self._widgets[name] = widget


@asynccontextmanager
async def visiting(address: str) -> AsyncIterator[Visitor]:
    """Open a session with the page at ``address``; it has to be opened before it can ask."""
    uri = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    async with connect(
        uri,
        origin=address,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as socket:
        yield Visitor(socket, address)
