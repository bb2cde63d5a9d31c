// @ts-check

import { equal } from "./expect.js";
import { learnTerms, pieces } from "../terms.js";

const said = (/** @type {string} */ text) => pieces(text).map((p) => p.means ? `[${p.text}]` : p.text).join("");

test("terms are found as Go finds them, each once", () => {
  learnTerms(story.terms);
  equal(said("The ISR and its in-sync replicas."), "The [ISR] and its in-sync replicas.");
  equal(said("High watermark, high watermark"), "[High watermark], high watermark");
  equal(said("with acks=all, min.insync.replicas=2"), "with [acks=all], [min.insync.replicas]=2");
  equal(said("a misread, lagging producers.acks offset"), "a misread, lagging producers.acks offset");
  equal(said("the leader epoch of the leader. Rebalance"), "the [leader epoch] of the leader. [Rebalance]");
  equal(said(""), "");
});
