// @ts-check
// columns.js: columns of the data, as they are packed and searched.

// undelta turns differences into values; null stays null and does not move the sum.
/** @param {(number | null)[]} list */
export function undelta(list) {
  const out = new Float64Array(list.length);
  let sum = 0;
  for (let i = 0; i < list.length; i++) {
    const d = list[i];
    if (d === null) { out[i] = NaN; continue; }
    sum += d;
    out[i] = sum;
  }
  return out;
}

// alongConnections turns differences to the entry before of the same connection into values.
/** @param {number[]} list @param {number[]} lanes @param {number[]} conns */
export function alongConnections(list, lanes, conns) {
  const last = new Map();
  return list.map((d, i) => {
    const key = lanes[i] * 0x100000000 + conns[i];
    const v = d + (last.get(key) || 0);
    last.set(key, v);
    return v;
  });
}

// causes turns how far back causes lie into indexes; 0 back is none, -1.
/** @param {number[]} back */
export function causes(back) {
  const out = new Int32Array(back.length);
  for (let i = 0; i < back.length; i++) out[i] = back[i] ? i - back[i] : -1;
  return out;
}

// above is the number of entries of a sorted list that are at most v: the index behind them.
/** @param {ArrayLike<number>} list @param {number} v */
export function above(list, v) {
  let lo = 0, hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (list[mid] <= v) lo = mid + 1; else hi = mid;
  }
  return lo;
}
