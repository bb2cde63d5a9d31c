// @ts-check
// expect.js: what tests say. Go runs them (../../script_test.go) and gives them test and story.

// equal fails a test unless both sides are the same JSON. Typed arrays are lists.
/** @param {any} got @param {any} want @param {string} [why] */
export function equal(got, want, why = "") {
  const plain = (/** @type {string} */ _, /** @type {any} */ v) => ArrayBuffer.isView(v) ? Array.from(/** @type {any} */ (v)) : v;
  const a = JSON.stringify(got, plain), b = JSON.stringify(want, plain);
  if (a !== b) throw new Error(`${why ? why + ": " : ""}got ${a}, want ${b}`);
}

// near fails a test unless a number is about another.
/** @param {number} got @param {number} want */
export function near(got, want) {
  if (Math.abs(got - want) > 1e-6) throw new Error(`got ${got}, want about ${want}`);
}
