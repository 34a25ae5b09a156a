"""How the page looks: one sheet of styles for what Tanya shows itself, on light and on dark.

Which of the two a reader has the browser knows, and ``light-dark()`` goes by that.
Every pair of colours of letters and what is behind them has a contrast of 4.5 at the least.
"""

from __future__ import annotations

# White letters on this green are readable on a light page and on a dark one.
LIT = "color: #fff; background: #0f766e; box-shadow: 0 0 0 .06em #0f766e;"

STYLE = """
<style>
/* Streamlit tells only its main part whether it is light or dark, not what opens above it. */
:root { color-scheme: light dark;
  --tanya-accent: light-dark(#0f766e, #5eead4);
  --tanya-quiet: light-dark(#57605c, #a9b5b0);
  --tanya-line: light-dark(#e2ded4, #303a36);
  --tanya-raised: light-dark(#ffffff, #1a201e);
  --tanya-sunk: light-dark(#f3f1ea, #161c1a);
  --tanya-yellow: light-dark(#fdeeb3, #4a3f12);
}

/* Streamlit's own parts, calmed. */
.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 6rem; }
.stMainBlockContainer h1 { font-size: 2.1rem; letter-spacing: -.02em; padding: 0; }
.stMainBlockContainer h2, .stMainBlockContainer h3 { font-size: 1.1rem; font-weight: 650;
  padding: .35rem 0 .45rem; letter-spacing: 0; }
.st-key-tanya-head { margin-bottom: -.35rem; }
.st-key-question input { font-size: 1.12rem; padding: .8rem 1rem; }
.st-key-question [data-testid="stTextInputRootElement"] { height: auto; }
.st-key-question [data-testid="stTextInputRootElement"],
.st-key-question [data-testid="stTextInputRootElement"] > div {
  background: var(--tanya-raised); }
.stMainBlockContainer ::placeholder { color: var(--tanya-quiet); opacity: 1; }
[data-testid="stCaptionContainer"] { opacity: .8; }
[data-testid="stExpander"] summary { color: var(--tanya-quiet); opacity: 1; }
[data-testid="stExpander"] summary * { color: inherit; opacity: 1; }
/* Scripts show nothing and take no room. */
:has(> [class*="st-key-tanya-scripts"]) { position: absolute; width: 0; height: 0;
  overflow: hidden; }
/* The hint beside the box says it in the reader's language. */
[data-testid="InputInstructions"] { display: none; }
/* The line has its place before there is anything to say, so that nothing below it moves. */
.st-key-tanya-status { min-height: 1.75rem; }
.st-key-tanya-status [data-testid="stSpinner"] { font-size: .875rem; }
.st-key-tanya-examples button, .st-key-tanya-topics button, .st-key-tanya-history button {
  justify-content: flex-start; text-align: start; height: auto; padding: .6rem .95rem; }
.st-key-tanya-examples button > *, .st-key-tanya-history button > * {
  justify-content: flex-start; width: 100%; }
.st-key-tanya-examples button p, .st-key-tanya-topics button p, .st-key-tanya-history button p {
  white-space: normal; overflow-wrap: anywhere; text-align: start; }
[class*="st-key-tanya-acts"] { margin: -.4rem 0 .35rem; }
[class*="st-key-tanya-acts"] button { min-height: 2rem; }
.stMainBlockContainer button[kind="tertiary"]:is(:hover, :active, :focus, [aria-expanded="true"]) {
  color: var(--tanya-accent); }
[data-testid="stCode"] pre, [data-testid="stCode"] code { white-space: pre-wrap;
  overflow-wrap: anywhere; }
/* Where nothing can hover, the button that copies has to be seen. */
[data-testid="stCode"] > div, [data-testid="stCode"] > div :is(div, span, button) {
  visibility: visible; opacity: 1; }
/* On dark, what is lit is light: buttons, and the names of what is chosen. */
button:is([kind="primary"], [kind="primaryFormSubmit"]),
[data-testid="stMultiSelect"] [data-tag], [data-testid="stMultiSelect"] [data-tag] * {
  color: light-dark(#ffffff, #06231f); }
.stApp button:is([kind="primary"], [kind="primaryFormSubmit"]):is(:hover, :active, :focus) {
  background: light-dark(#0b5f58, #5eead4); border-color: light-dark(#0b5f58, #5eead4); }
.stMainBlockContainer [data-baseweb="textarea"], .stMainBlockContainer textarea {
  background: var(--tanya-raised); border-radius: inherit; }
[data-testid="stCode"] pre { padding-right: 3.5rem; }
/* What is typed into has a frame of its own that lights up, around its buttons, too. */
.stMainBlockContainer :is(button, summary, a, [tabindex="0"]:not(input),
  input:not([type="text"], [type="password"], [role="combobox"])):focus-visible {
  outline: 3px solid var(--tanya-accent); outline-offset: 2px; }

/* What markup.py makes. */
.tanya-card { border: 1px solid var(--tanya-line); background: var(--tanya-raised);
  border-radius: .85rem; padding: .9rem 1.15rem 1rem; margin: 0; }
.tanya-best { border-color: light-dark(#9ccbc5, #2c6b63);
  padding: 1.15rem 1.35rem 1.3rem; box-shadow: 0 1px 2px light-dark(#1d252310, #0000),
  0 6px 24px light-dark(#1d25230d, #0000); }
.tanya-source { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline;
  margin-bottom: .55rem; }
.tanya-title { font-weight: 650; overflow-wrap: anywhere; }
.tanya-place { font-size: .82rem; color: var(--tanya-quiet); overflow-wrap: anywhere; }
.tanya-category { font-size: .78rem; color: var(--tanya-accent); overflow-wrap: anywhere;
  border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; }
.tanya-text { white-space: pre-line; line-height: 1.65; overflow-wrap: anywhere; margin: 0; }
.tanya-text mark { color: inherit; border-radius: .2rem; padding: .08em .12em;
  background: var(--tanya-yellow);
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.tanya-text mark.tanya-other {
  background: color-mix(in srgb, var(--tanya-yellow) 45%, transparent); }
.tanya-best .tanya-text { color: var(--tanya-quiet); }
.tanya-best .tanya-text mark { color: light-dark(#1d2523, #eef3f0); }
.tanya-best .tanya-text mark:not(.tanya-other) { display: block; width: fit-content;
  font-size: 1.34rem; line-height: 1.5; font-weight: 450; letter-spacing: -.005em;
  background: color-mix(in srgb, var(--tanya-yellow) 40%, transparent);
  padding: .35rem .8rem .4rem .9rem; margin: .55rem 0;
  border-left: 4px solid #d9a514; border-radius: 0 .4rem .4rem 0; }
.tanya-text b { font-weight: 700; text-decoration: underline;
  text-decoration-thickness: .1em; text-underline-offset: .18em;
  text-decoration-color: light-dark(#0f766eb0, #5eead4b0); }
.tanya-question { white-space: pre-line; overflow-wrap: anywhere; line-height: 1.9;
  color: var(--tanya-quiet); margin: 0 0 .6rem; }
.tanya-question .tanya-word { font-weight: 650; text-decoration: underline dotted;
  text-underline-offset: .22em; color: light-dark(#1d2523, #eef3f0); }
.tanya-word { border-radius: .2rem; cursor: help; }
.tanya-word:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.tanya-group { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline;
  margin: .6rem 0 0; }
.tanya-sure { display: flex; align-items: center; gap: .7rem; font-size: .95rem;
  color: var(--tanya-quiet); margin: 0 0 .1rem; }
.tanya-bar { display: inline-flex; gap: 4px; }
.tanya-bar i { width: 1.9rem; height: .42rem; border-radius: 1rem;
  background: light-dark(#d8d4c8, #35403c); }
.tanya-bar i.tanya-on { background: var(--tanya-accent); }
.tanya-note { color: var(--tanya-quiet); margin: 0; overflow-wrap: anywhere;
  white-space: pre-line; }
.tanya-status { color: var(--tanya-quiet); margin: 0; font-size: .85rem; }
.tanya-chips { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; margin: 0;
  font-size: .88rem; color: var(--tanya-quiet); }
.tanya-chip { border-radius: 1rem; padding: .05rem .7rem; background: var(--tanya-sunk);
  border: 1px solid var(--tanya-line); overflow-wrap: anywhere; }
.tanya-quote { margin: .25rem 0 .5rem; padding: .5rem 1rem; overflow-wrap: anywhere;
  border-left: 4px solid var(--tanya-line); color: var(--tanya-quiet); font-style: italic; }
.tanya-whole { max-height: 26rem; overflow: auto; white-space: pre-line; line-height: 1.65;
  overflow-wrap: anywhere; margin: 0; padding: .75rem 1.15rem;
  background: var(--tanya-sunk);
  border-radius: .5rem; }
.tanya-whole mark { color: inherit; background: var(--tanya-yellow); border-radius: .2rem;
  padding: .08em .12em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.tanya-list, .tanya-sentences { margin: 0; padding: 0; font-size: .95rem; }
.stMainBlockContainer .tanya-list { list-style: none; padding: 0; margin: 0; }
.stMainBlockContainer .tanya-list li { display: flex; flex-wrap: wrap; gap: .15rem .6rem;
  align-items: baseline;
  padding: .4rem 0; margin: 0; font-size: .95rem; border-bottom: 1px solid var(--tanya-line); }
.stMainBlockContainer .tanya-list li:last-child { border-bottom: 0; }
.tanya-list .tanya-chip { font-size: .78rem; color: var(--tanya-quiet); }
.tanya-name { overflow-wrap: anywhere; }
.tanya-list .tanya-said { flex-basis: 100%; }
.tanya-said { color: var(--tanya-quiet); font-size: .88rem; overflow-wrap: anywhere; }
.tanya-chip.tanya-lit { color: var(--tanya-accent); border-color: currentColor; }
.tanya-source .tanya-chip { font-size: .78rem; }
.tanya-sentences { padding-left: 2.2rem; max-height: 30rem; overflow: auto; }
.tanya-sentences li { padding: .35rem .2rem; margin: 0; overflow-wrap: anywhere; }
.tanya-sentences li::marker { color: var(--tanya-quiet); font-size: .85rem; }
.tanya-sentences .tanya-said { display: block; font-size: .8rem; }
.tanya-table { border-collapse: collapse; width: 100%; font-size: .92rem; margin: 0; }
.tanya-table th, .tanya-table td { border: 0; border-bottom: 1px solid var(--tanya-line);
  padding: .35rem .4rem; text-align: right; font-variant-numeric: tabular-nums; }
.tanya-table th { color: var(--tanya-quiet); font-weight: 450; }
.tanya-table th:first-child { text-align: start; padding-left: 0; overflow-wrap: anywhere; }
@media (max-width: 480px) {
  .tanya-best { padding: .95rem 1rem 1.05rem; }
  .tanya-best .tanya-text mark:not(.tanya-other) { font-size: 1.18rem; padding-left: .7rem; }
  .tanya-bar i { width: 1.3rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .tanya-word { transition: background-color .12s; }
}
</style>
"""

# The cursor goes into the box when the page is first opened; nothing of a reader is in this.
FOCUS = """
<script>
(() => {
  let tries = 120;
  const find = () => {
    const box = document.querySelector(".st-key-question input");
    if (box) {
      if (document.activeElement === document.body) box.focus({ preventScroll: true });
    } else if (tries-- > 0) setTimeout(find, 50);
  };
  find();
})();
</script>
"""

# A document that was opened begins at its sentence; this stands beside it, never in it.
SCROLL = """
<script>
(() => {
  let tries = 60;
  const find = () => {
    const boxes = document.querySelectorAll(".tanya-whole:not([data-settled])");
    for (const box of boxes) {
      if (!box.clientHeight) continue;
      // Of two that overlap only the first is marked.
      const mark = box.querySelector(".tanya-here") ?? box.querySelector("mark");
      const above = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += above - box.clientHeight / 4;
      box.setAttribute("data-settled", "");
    }
    if (tries-- > 0 && document.querySelector(".tanya-whole:not([data-settled])") !== null
        || !boxes.length && tries > 0) setTimeout(find, 50);
  };
  find();
})();
</script>
"""


def language_script(code: str) -> str:
    """Return what tells the browser, and who reads aloud, the page's language: "id" or "en"."""
    if not (code.isascii() and code.isalpha()):
        raise ValueError(f"{code!r} is no code of a language")
    return f'<script>document.documentElement.lang = "{code}";</script>'
