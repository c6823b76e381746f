// What the report shows of a record: rows, their bars against what is usual, times, words.

import type { ItemStatus, RecordItem, RecordMoment, RecordView, UsualItem, Verdict } from "../../bindings/types";
import type { Shape } from "../../lib/states";
import { between, person, timeOfDay } from "../../lib/time";

/** How long something took against the past runs. All in milliseconds. */
export interface Against {
  took: number | null;
  usual: number | null;
  low: number | null;
  high: number | null;
  /** Longer than nine in ten of the past runs. */
  over: boolean;
}

export interface Row {
  key: string;
  number: string | null;
  title: string;
  state: ItemStatus;
  who: string[];
  result: string;
  against: Against;
  /** What the row is made of, where that is more than one thing. */
  parts: Row[];
}

export interface Section {
  name: string;
  rows: Row[];
}

type Usuals = { [item in string]?: UsualItem };

function against(took: number | null, usual: UsualItem | undefined): Against {
  const known = usual !== undefined && usual.timed > 1 ? usual : undefined;
  const high = known?.high_ms ?? null;
  return {
    took,
    usual: known?.median_ms ?? null,
    low: known?.low_ms ?? null,
    high,
    over: took !== null && high !== null && took > high,
  };
}

function itemRow(item: RecordItem, usuals: Usuals): Row {
  return {
    key: item.item,
    number: null,
    title: item.label,
    state: item.state,
    who: item.who,
    result: item.result,
    against: against(item.took_ms, usuals[item.item]),
    parts: [],
  };
}

/** The sum, where there is anything to add; what is not known of one is not known of all. */
function sum(values: readonly (number | null)[], all = false): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || (all && known.length < values.length)) return null;
  return known.reduce((one, other) => one + other, 0);
}

/** The rows of a record: a step is one, with its items behind it; items without a step of their own stand for themselves. */
export function sections(record: RecordView): Section[] {
  const usuals: Usuals = record.usual?.items ?? {};
  return record.phases.map((phase) => ({
    name: phase.heading === null || phase.heading === phase.phase ? phase.phase : `${phase.phase}: ${phase.heading}`,
    rows: phase.steps.flatMap((step, at): Row[] => {
      const items = step.items.map((item) => itemRow(item, usuals));
      if (!step.titled) return items;
      const [only] = items;
      const key = `${phase.phase} ${at}`;
      const { number, title, state, who, result } = step;
      if (only !== undefined && items.length === 1)
        return [{ ...only, key, number, title, state, who, result: result || only.result }];
      // Quick and slow ends of several things do not add up to those of all of them: the middle is all that is shown.
      const took = sum(items.map((item) => item.against.took));
      const done = items.filter((item) => item.against.took !== null);
      const usual = sum(
        done.map((item) => item.against.usual),
        true,
      );
      return [
        {
          key,
          number,
          title,
          state,
          who,
          result,
          against: { took, usual, low: null, high: null, over: false },
          parts: items,
        },
      ];
    }),
  }));
}

/** The longest time that any bar has to show. */
export function longest(all: readonly Section[]): number {
  const rows = all.flatMap((section) => section.rows);
  const times = rows.flatMap(({ against: { took, usual, high } }) => [took ?? 0, usual ?? 0, high ?? 0]);
  return Math.max(1, ...times);
}

/** Where something stands on a bar, in per cent. */
export function share(ms: number, most: number): number {
  return Math.round((Math.min(ms, most) / most) * 1000) / 10;
}

/** `MK` of `mara.kessler@desk`, `ADA` of `ada@desk`. */
export function initials(actor: string): string {
  if (!actor.includes("@")) return actor;
  const parts = person(actor)
    .split(/[._-]+/)
    .filter(Boolean);
  const letters = parts.length > 1 ? parts.map((part) => part.charAt(0)).join("") : (parts[0] ?? actor).slice(0, 3);
  return letters.slice(0, 3).toUpperCase();
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `03:27, Sat 22 Nov 2026`, where the reader is. */
export function moment(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return `${timeOfDay(at)}, ${day(at)}`;
}

export function day(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

/** `from 03:02 to 03:27, Sat 22 Nov 2026`. */
export function span(from: string, to: string | null): string {
  if (to === null) return `since ${moment(from)}`;
  if (between(from, to) === null) return `${moment(from)}, ended ${moment(to)} by a clock that was set back`;
  if (day(from) === day(to)) return `${timeOfDay(from)} to ${moment(to)}`;
  return `${moment(from)} to ${moment(to)}`;
}

const SHAPES: { [shape in string]?: Shape } = {
  pending: "pending",
  ready: "ready",
  running: "running",
  waiting: "waiting",
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  overridden: "overridden",
  undone: "rolledback",
  interrupted: "interrupted",
  paused: "paused",
  abandoned: "abandoned",
};
const ICONS: { [shape in string]?: string } = {
  start: "play",
  note: "message-square",
  link: "external-link",
  mark: "pin",
  handed_over: "send",
};

/** What stands beside a moment. */
export function sign(told: RecordMoment): { shape: Shape } | { icon: string } {
  const shape = SHAPES[told.shape];
  return shape === undefined ? { icon: ICONS[told.shape] ?? "ellipsis" } : { shape };
}

/** What a moment says: a note is what the person wrote. */
export function says(told: RecordMoment): { who: string | null; text: string; detail: string | null } {
  if (told.kind === "note") return { who: person(told.actor), text: told.detail ?? "", detail: null };
  const by = ["run_started", "resumed", "handed_over", "rollback_started"].includes(told.kind);
  const text = told.item === null ? told.text : `${told.item}: ${told.text}`;
  return { who: null, text: by ? `${text}, by ${person(told.actor)}` : text, detail: told.detail };
}

/** What stands at the record while it is checked and after. */
export function checked(
  verdict: Verdict | null,
  failure: string | null,
): { shape: Shape; title: string; text: string } {
  if (failure !== null) return { shape: "failed", title: "The record could not be checked", text: failure };
  if (verdict === null)
    return { shape: "running", title: "Checking the record", text: "Every event and every output, against its hash." };
  if (verdict.holds) {
    const remark = verdict.remark === undefined ? "" : `; ${verdict.remark}`;
    return { shape: "passed", title: "Record verified", text: `${events(verdict.events)}, chain unbroken${remark}.` };
  }
  const why = verdict.sentence.replace(/^The record of run \S+ does not hold at event \d+: /, "").replace(/\.?$/, ".");
  return {
    shape: "failed",
    title: verdict.seq === null ? "Record does not verify" : `Record does not verify at event ${verdict.seq}`,
    text: `${why} It can be exported all the same, and the report says so.`,
  };
}

export function events(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}

/** `9f2c41d0 7be8035a …`: to be read aloud. */
export function grouped(hash: string): string {
  return hash.replace(/(.{8})(?=.)/g, "$1 ");
}

/** What was secret, in a sentence. */
export function secretWords(names: readonly string[]): string {
  if (names.length === 0) return "";
  const one = names.length === 1;
  return `${one ? "One secret" : `${names.length} secrets`} could be used: ${names.join(", ")}. No value of ${one ? "it" : "them"} is in this record.`;
}
