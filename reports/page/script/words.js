// @ts-check
// words.js: an event in words, and the chain that led to it.

/** @import { Run } from "./types" */

import { COMMAND, CONN, FAULT, FLUSH, FRAME, HELD, LOST, TIMER } from "./data.js";

// laneName is the node of a lane.
/** @param {Run} run @param {number} lane */
export function laneName(run, lane) { return lane >= 0 ? run.lanes[lane].id : "the world"; }

// shortNames leaves out the long random tail of the ids that members of a group have.
/** @param {string} text */
export function shortNames(text) { return text.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ""); }

// describe says an event in words, without its time and place.
/** @param {Run} run @param {number} i */
export function describe(run, i) {
  const s = run.strings, api = s[run.api[i]], peer = laneName(run, run.peer[i]);
  const text = shortNames(s[run.text[i]]);
  switch (run.sort[i]) {
    case FRAME: return run.reply[i] ? `gets the answer to ${api} from ${peer}` : `gets ${api} from ${peer}`;
    case LOST: return `never gets ${run.reply[i] ? "the answer to " : ""}${api} from ${peer}: lost`;
    case HELD: return `does not get ${run.reply[i] ? "the answer to " : ""}${api} from ${peer}: held back`;
    case TIMER: return text ? `a timer fires: ${text}` : "a timer fires";
    case FLUSH: return text ? `a flush is done: ${text}` : "a flush to disk is done";
    case CONN: return (s[run.kind[i]] === "conn-opened" ? `a connection with ${peer} is open`
      : `the connection with ${peer} is closed`) + (text ? `: ${text}` : "");
    case COMMAND: return `is told: ${text || "to go on"}`;
    case FAULT: return `${s[run.kind[i]]}: ${text}`;
    default: return text || (s[run.kind[i]] === "started" ? "starts" : s[run.kind[i]]);
  }
}

// chain is an event with what led to it, back to the root.
/** @param {Run} run @param {number} i */
export function chain(run, i) {
  const out = [];
  for (; i >= 0 && out.length < 100000; i = run.cause[i]) out.push(i);
  return out;
}
