// @ts-check
// terms.js: words of the glossary, explained under the pointer, on focus and on a tap.

/** @import { Term } from "./types" */

import { $, el, every } from "./dom.js";

let finder = { words: /$^/g, of: /** @type {Map<string, Term>} */ (new Map()) };

// learnTerms makes the page know the words of the glossary.
/** @param {Term[]} terms */
export function learnTerms(terms) {
  const of = new Map();
  for (const t of terms) for (const form of t.forms) of.set(form.toLowerCase(), t);
  const forms = [...of.keys()].sort((a, b) => b.length - a.length).map((f) => f.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  finder = { of, words: forms.length ? new RegExp(`(^|[^\\w.-])(${forms.join("|")})(?![\\w-])`, "gi") : /$^/g };
}

// pieces cuts a text at its terms, each at its first occurrence only.
/** @param {string} text @returns {{ text: string, means?: string }[]} */
export function pieces(text) {
  /** @type {{ text: string, means?: string }[]} */
  const out = [], seen = new Set();
  let from = 0;
  finder.words.lastIndex = 0;
  for (let m = finder.words.exec(text); m; m = finder.words.exec(text)) {
    const term = finder.of.get(m[2].toLowerCase()), at = m.index + m[1].length;
    if (!term || seen.has(term)) continue;
    seen.add(term);
    if (at > from) out.push({ text: text.slice(from, at) });
    out.push({ text: m[2], means: term.means });
    from = at + m[2].length;
  }
  if (from < text.length) out.push({ text: text.slice(from) });
  return out;
}

// marked is a text with its terms marked.
/** @param {string} text @returns {(string | Node)[]} */
export function marked(text) {
  return pieces(text).map((p) => p.means ? el("abbr", { class: "term", tabindex: "0", "data-means": p.means }, p.text) : p.text);
}

// listenTerms shows what a term means. Its title, which serves where no script runs, would come up as well.
export function listenTerms() {
  for (const e of every("abbr.term[title]")) {
    e.dataset.means = e.title;
    e.removeAttribute("title");
  }
  const tip = $("term-tip");
  const of = (/** @type {Event} */ e) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest?.("abbr.term"));
  /** @type {HTMLElement | null} */
  let shown = null;
  const hide = () => {
    tip.hidden = true;
    shown = null;
    for (const e of every("abbr[aria-describedby]")) e.removeAttribute("aria-describedby");
  };
  const show = (/** @type {HTMLElement} */ term) => {
    hide();
    tip.textContent = term.dataset.means || "";
    tip.hidden = false;
    shown = term;
    term.setAttribute("aria-describedby", tip.id);
    place(term);
  };
  const place = (/** @type {HTMLElement} */ term) => {
    const at = term.getBoundingClientRect();
    tip.style.maxWidth = `${Math.min(340, window.innerWidth - 16)}px`;
    tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - tip.offsetWidth - 8))}px`;
    const below = at.bottom + 6 + tip.offsetHeight < window.innerHeight;
    tip.style.top = `${below ? at.bottom + 6 : at.top - tip.offsetHeight - 6}px`;
  };
  for (const event of ["mouseover", "focusin", "click"]) {
    document.addEventListener(event, (e) => {
      const term = of(e);
      if (term) show(term);
      else if (event === "click") hide();
    });
  }
  document.addEventListener("mouseout", (e) => { if (of(e) && of(e) !== document.activeElement) hide(); });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", () => { if (shown) place(shown); }, { passive: true });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") hide(); });
}
