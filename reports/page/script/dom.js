// @ts-check
// dom.js: elements of the page. Every text of the run goes in as text, never as HTML.

// $ is the element of an id. The page has every element that the script asks for.
/** @type {(id: string) => HTMLElement} */
export const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

// field is an element of the page's forms.
/** @type {(id: string) => HTMLInputElement} */
export const field = (id) => /** @type {HTMLInputElement} */ ($(id));

// every lists the elements that a selector finds.
/** @type {(selector: string) => HTMLElement[]} */
export const every = (selector) => [...document.querySelectorAll(selector)].map((e) => /** @type {HTMLElement} */ (e));

// el makes an element. Children are elements or texts.
/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} [attributes] @param {...(string | Node)} children
 */
export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") e.addEventListener("click", value);
    else if (value !== null && value !== undefined) e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

// fill replaces what an element holds.
/** @param {Element} e @param {...(string | Node)} children */
export function fill(e, ...children) { e.replaceChildren(...children); }
