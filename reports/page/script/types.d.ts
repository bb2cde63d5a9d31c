// The shapes that the script works with. Nothing of this file reaches the page: it is for `make check-scripts`.

// Data is what Go writes into the page (../data.go). Times are microseconds; columns.js undoes
// differences.
export interface Data {
  run: { scenario: string; seed: number; verdict: string; claim: string; end: number; command: string };
  lesson: { why: string[]; question: string; choices: { text: string; right: number }[]; answer: string; knob: null | { moves: string; question: string };
    next: { name: string; href: string } }; // "" where there is none
  lanes: Lane[];
  groups: ({ name: string; mark?: string } & Look)[]; // that commit offsets
  inks: string[]; // of things that stand side by side, such as partitions
  partitions: string[];
  families: Family[];
  terms: Term[];
  internal: string; // how the names of Kafka's own topics begin
  events: {
    n: number; at: number[]; seq: number[]; lane: number[]; kind: number[]; cause: number[]; peer: number[];
    sent: number[]; api: number[]; version: number[]; reply: number[]; corr: number[]; conn: number[];
    text: number[]; parts: number[]; fold: number[]; family: number[];
  };
  folded: { total: number; left: number; why: string };
  states: States;
  bands: Band[];
  marks: Flag[];
  moments: Moment[];
  steps: number[]; // indexes of moments
  deciding: number;
  offsets: { partition: string; lines: OffsetLine[] }[];
  leaders: Leaders[];
  owners: Owners[];
  lag: ({ group: string; partition: string } & Stairs)[];
  rates: { every: number; lines: { name: string; what: string; counts: number[] }[] };
  latency: { every: number; lines: { at: number[]; p50: number[]; p99: number[] }[] };
  findings: { anomaly: string; witnesses: { at: number; event: number }[] }[];
  partsets: number[][];
  strings: string[];
}

// Term is a word of the glossary; one without forms is not marked.
export interface Term { forms: string[]; means: string }

// Look is how one of many is told from the others: by its ink, and from round 1 on by dashes and stripes.
export interface Look { ink: string; round: number }

// Lane is a node. Brokers and readers have a look.
export interface Lane { id: string; role: string; ink?: string; round?: number }

// Family is a conversation that a cluster holds, such as writing.
export interface Family { id: string; name: string; ink: string; about: string }

// States are the changes of what nodes know: the event from which a value holds.
export interface States { n: number; event: number[]; lane: number[]; key: number[]; value: number[] }

export interface Stairs { at: number[]; value: (number | null)[] }
export interface OffsetLine extends Stairs { name: string; what: string; node: string; group: string }
export interface Band { from: number; to: number; kind: string; lane: number; label: string }
export interface Flag { at: number; kind: string; label: string; lane: number }
export interface Moment {
  at: number; event: number; where: string; what: string; say: string; tag: string; weight: number;
}
export interface Leaders {
  partition: string;
  spans: Leadership[];
  stale: Leadership[]; // a broker led on that had not heard of the next leader
  isr: { at: number; isr: number[] }[];
}
export interface Leadership { from: number; to: number; leader: number; epoch: number; dead: number }
export interface Owners {
  group: string; members: string[];
  spans: { partition: string; member: string; from: number; to: number; dead: number }[];
}

// Run is the data with its columns ready for searching, and how far the reader has come.
export interface Run {
  d: Data; n: number; strings: string[]; lanes: Data["lanes"]; partitions: string[]; sets: number[][];
  families: Family[]; end: number; clock: number;
  at: Float64Array; seq: Float64Array; sent: Float64Array; lane: Int16Array; peer: Int16Array;
  cause: Int32Array; version: Int16Array; reply: Uint8Array; fold: Uint8Array; sort: Uint8Array;
  family: Uint8Array; trouble: Uint8Array;
  corr: number[]; conn: number[]; api: number[]; text: number[]; kind: number[]; parts: number[];
  states: Map<number, Map<string, Known>>;
  main: string; // the partition that lanes tell of
  flags: Flag[];
  stops: Stop[];
  stop: number; // where the walk stands, −1 before it
  veiled: boolean; // whether what comes from veilFrom on is hidden
  veilFrom: number;
  ask: number; // the stop that asks
  chosen: number; // the choice that was made, -1 for none
}

// Known is one thing that a node knows: the events from which its values hold.
export interface Known { events: number[]; values: string[] }

// Fact is what a node knows of one thing, and what that was before the event.
export interface Fact { key: string; value: string; changed: boolean; was: string }

// Stop is a stop of the walk: a moment (where at is set), the question, or the answer.
export interface Stop {
  when: number; ask?: boolean; answer?: boolean;
  event: number; at?: number; where?: string; what?: string; say?: string; tag?: string;
}

// Shown are the events that pass the filter.
export interface Shown {
  events: Int32Array; at: Float64Array; // which they are, and when
  rank: Int32Array; // of every event of the run its place among them, −1 for none
  long: number[]; reach: number; // the messages that take longer than reach
}

// Hit is where an event is drawn: as an arrow from one point to another, or as a mark.
export interface Hit {
  i: number; mark: boolean; x0: number; y0: number; x1: number; y1: number;
  bow?: number; // how high an arrow to its own lane rises
  stopped?: boolean; // it never arrives
}

// LaneRow is where a lane stands in the diagram.
export interface LaneRow { lane: number; top: number; height: number; folded: boolean }

// Place is something written in the diagram, which can be chosen: an event's name, or a step's number.
export interface Place { x: number; y: number; w: number; h: number; event: number; stop?: number }

// Line is a line of a track: it holds value[k] from at[k] on, for until at most where that is set.
export interface Line {
  name: string; ink: string; thick: number; dash: number[]; at: Float64Array; value: Float64Array;
  until?: number; behind?: boolean; readout?: HTMLElement; shownText?: string;
  mark?: string; // stands on the line, where its look alone would not tell it from others
  phase?: number; // of the dashes
}

// Span is a stretch of a row: of one ink or, one below the other, of several; of none where there is
// nobody.
export interface Span {
  from: number; to: number; inks: string[]; text: string;
  hatched?: boolean; // there is nobody behind it
  striped?: boolean; // of a look of a later round
}

export interface Row {
  name: string;
  spans: Span[];
}

// Track draws itself below the diagram, and says what it shows at the cursor.
export interface Track {
  height: number; draw(width: number): void; read(t: number): void; legendOf(): void;
  canvas: HTMLCanvasElement; legend: HTMLElement;
  lines?: Line[]; // of a track of lines
}

// Scale says what the numbers of a track are like: whether it begins at 0, and whether they are whole.
export interface Scale { zero?: boolean; whole?: boolean }

