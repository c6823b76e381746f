// The words for what happened: expectations, results, the timeline. Facts, not comfort.

import type { AttemptView, Expected, ItemView, RunbookView, TimelineEntry } from "../../bindings/types";
import type { Shape } from "../../lib/states";
import { limit, measured } from "../../lib/time";
import { shortIds } from "./linked";
import { markWords } from "./marks";

export interface Wanted {
  label: string;
  code: string;
}

const EXPECTS: [RegExp, string][] = [
  [/^not:? (.*)$/s, "Not expected"],
  [/^each line:? (.*)$/s, "Each line"],
  [/^(?:number )?((?:<=|>=|==|<|>) .*)$/s, "Number"],
  [/^(exit .*)$/s, "Expected"],
  [/^(any exit status)$/, "Expected"],
];

/** An expectation, as the runbook or the record has it, as a label and what is literal. */
export function wanted(expected: string): Wanted {
  for (const [form, label] of EXPECTS) {
    const code = form.exec(expected)?.[1];
    if (code !== undefined) return { label, code };
  }
  return { label: "Expected", code: expected };
}

/** The pattern of an expectation that wants something to be found; null for the others. */
export function wantedPattern(expected: string): string | null {
  return EXPECTS.some(([form]) => form.test(expected)) ? null : expected;
}

/** What an attempt came to: `exit 0 in 12.4 s`. */
export function result(attempt: AttemptView): { says: string; took: string } {
  const took = attempt.duration_ms === null ? "" : measured(attempt.duration_ms);
  if (attempt.state === null) return { says: "running", took };
  if (attempt.state === "stopped") return { says: took ? "stopped after" : "stopped", took };
  const end =
    attempt.exit !== null
      ? `exit ${attempt.exit}`
      : attempt.signal !== null
        ? `ended by ${attempt.signal}`
        : attempt.state;
  return { says: took ? `${end} in` : end, took };
}

/** What runs, and which attempt of how many where more than one may follow by itself: `attempt 2 of 3, running`. */
export function ongoing(attempt: AttemptView | null): string {
  if (attempt === null || attempt.of === null) return "running";
  const tried = `attempt ${attempt.number} of ${attempt.of}`;
  return attempt.state === null ? `${tried}, running` : `${tried} failed, trying again`;
}

/** How long the tries of a probe took together, the waits between them too; null while the last one runs. */
export function tried(attempts: readonly AttemptView[]): number | null {
  const [first, last] = [attempts[0], attempts.at(-1)];
  if (!first || !last || last.duration_ms === null) return null;
  const between = Date.parse(last.started_at) - Date.parse(first.started_at);
  return Math.max(0, Number.isNaN(between) ? 0 : between) + last.duration_ms;
}

/** Expected and got of an attempt that failed for its exit status alone. */
export function badExit(attempt: AttemptView): { expected: string; got: string } | null {
  if (attempt.state !== "failed" || attempt.expectations.some((one) => !one.holds)) return null;
  if (attempt.exit !== null && attempt.exit !== 0) return { expected: "exit 0", got: `exit ${attempt.exit}` };
  if (attempt.signal !== null) return { expected: "exit 0", got: attempt.signal };
  return null;
}

/** The last numbers that a probe saw, oldest first, at most `most`. */
export function numbers(attempts: readonly AttemptView[], most = 48): number[] {
  return attempts
    .flatMap((attempt) => attempt.expectations.filter((one) => wanted(one.expected).label === "Number").slice(0, 1))
    .flatMap((one) => {
      const found = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/.exec(one.observed);
      return found ? [Number(found[0])] : [];
    })
    .slice(-most);
}

/** The unit of the last number that a probe saw, with the space before it where one stands: ` s`, `%`; else nothing. */
export function unitOf(attempts: readonly AttemptView[]): string {
  const seen = attempts.flatMap((attempt) =>
    attempt.expectations.filter((one) => wanted(one.expected).label === "Number"),
  );
  return /^[-+.,\d]+(?:[eE][-+]?\d+)?( ?[^-+\s\d.,]\S*)$/.exec(seen.at(-1)?.observed ?? "")?.[1] ?? "";
}

/** The number that a probe wants, and how: `{ sign: "<", value: 5 }`. */
export function wantedNumber(item: ItemView): { sign: string; value: number } | null {
  for (const expected of item.expects) {
    const found = /^(?:number )?(<=|>=|==|<|>) (-?\d+(?:\.\d+)?)/.exec(expected);
    if (found?.[1] && found[2]) return { sign: found[1], value: Number(found[2]) };
  }
  return null;
}

const ORDINALS = ["th", "st", "nd", "rd"];

/** `1st`, `2nd`, `11th`, `23rd`. */
export function ordinal(count: number): string {
  const hundred = count % 100;
  const ten = hundred > 10 && hundred < 14 ? 0 : count % 10;
  return `${count}${ORDINALS[ten] ?? "th"}`;
}

/** Limits of an item, as they stand in its bar. */
export function limits(item: ItemView): string {
  const parts: string[] = [];
  if (item.kind === "probe") {
    if (item.every_ms !== null) parts.push(`every ${limit(item.every_ms)}`);
    if (item.within_ms !== null) parts.push(`for ${limit(item.within_ms)}`);
  }
  if (item.retry > 0) {
    const every = item.every_ms === null ? "" : `, every ${limit(item.every_ms)}`;
    parts.push(`up to ${item.retry + 1} attempts${every}`);
  }
  if (item.timeout_ms !== null) parts.push(`timeout ${limit(item.timeout_ms)}`);
  if (item.capture !== null) parts.push(`becomes ${item.capture}`);
  if (item.confirm) parts.push("asks first");
  if (item.optional) parts.push("optional");
  return parts.join(", ");
}

export interface Line {
  seq: number;
  at: string;
  shape: Shape | null;
  icon: string | null;
  who: string | null;
  text: string;
}

/** What an item is called: a check by its text, everything else by its name. */
export function itemName(item: ItemView | undefined): string | null {
  if (!item) return null;
  return item.kind === "check" && item.text !== "" ? item.text : item.id;
}

/** A line of the timeline; null for events that say nothing to a reader. `tried` is the attempt that it is about, where
    that was on one of several hosts. */
export function line(
  entry: TimelineEntry,
  items: { [id: string]: ItemView | undefined } = {},
  book: RunbookView | null = null,
  tried: AttemptView | null = null,
): Line | null {
  const name = itemName(entry.item === null ? undefined : items[entry.item]) ?? entry.item ?? "";
  const said = shortIds(entry.text ?? "");
  const make = (shape: Shape | null, icon: string | null, text: string, who: string | null = null): Line => ({
    seq: entry.seq,
    at: entry.at,
    shape,
    icon,
    who,
    text,
  });
  const attempt = entry.attempt !== null && entry.attempt > 1 ? `, ${ordinal(entry.attempt)} try` : "";
  switch (entry.kind) {
    case "run_started":
      return make(null, "play", said && said !== "hand" ? `started (${said})` : "started", entry.actor);
    case "hosts_started":
      return make(null, "play", said.startsWith("asks ") ? `${name} ${said}` : `${name} started on ${listed(said)}`);
    case "hosts_ended": {
      const took = entry.duration_ms === null ? "" : ` after ${measured(entry.duration_ms)}`;
      const [first = "", ...rest] = said.split("; ");
      const all = /^passed on (\d+) of (\d+)$/.exec(first);
      const shape = all !== null && all[1] === all[2] ? "passed" : "failed";
      return make(shape, null, `${name} ${first}${took}${rest.length === 0 ? "" : `; ${rest.join("; ")}`}`);
    }
    case "attempt_started":
      // Of several hosts it is said once, of all.
      if (tried?.host !== undefined) return null;
      return make(null, "play", `${name} started${attempt}`);
    case "attempt_ended": {
      const known = /^(passed|failed|stopped)(?:;|$)/.exec(said)?.[1];
      // Where a sentence or a signal stands in its place, the exit status says which it was.
      const state = known ?? (entry.exit === 0 ? "passed" : "failed");
      if (tried?.host !== undefined) {
        // Where it passed is said once, of all.
        if (tried.state === "passed") return null;
        const why = withoutName(withoutName(said, tried.host), tried.host);
        const after = entry.duration_ms === null ? "" : ` in ${measured(entry.duration_ms)}`;
        const verdict = entry.exit === 0 ? "did not verify, " : "";
        const says = entry.exit === null ? why : `${verdict}exit ${entry.exit}${after}`;
        return make(tried.state === "stopped" ? "abandoned" : "failed", null, `${name} on ${tried.host}: ${says}`);
      }
      const took = entry.duration_ms === null ? "" : measured(entry.duration_ms);
      const end =
        entry.exit !== null
          ? `exit ${entry.exit}${took && ` in ${took}`}`
          : said === "passed"
            ? `${said}${took && ` in ${took}`}`
            : `${said || "ended"}${took && ` after ${took}`}`;
      // A try of a probe that does not hold is no failure of the run: mostly another one follows.
      const probe = entry.item !== null && items[entry.item]?.kind === "probe";
      if (probe && state === "failed") return make("probe", null, `${name} does not hold${attempt}`);
      return make(
        state === "passed" ? "passed" : state === "failed" ? "failed" : "abandoned",
        null,
        // "exit 0" alone would read as if it had passed.
        `${name}${state === "failed" && entry.exit === 0 ? " did not verify" : ""}, ${end}${attempt}`,
      );
    }
    case "check_ticked":
      return make("boxed", null, said ? `${name}: ${said}` : name, entry.actor);
    case "check_unticked":
      return make("box", null, `${name}, tick taken back`, entry.actor);
    case "check_failed":
      return make("failed", null, said ? `${name}: “${said}”` : name, entry.actor);
    case "skipped":
      return make(
        "skipped",
        null,
        said === "branch" ? `${name} passed over by the branch` : `${name}: “${said}”`,
        entry.actor,
      );
    case "overridden":
      return make("overridden", null, `${name}: “${said}”`, entry.actor);
    case "note":
      return make(null, "message-square", said, entry.actor);
    case "message_sent":
      return make(null, "send", `${name} marked as sent`, entry.actor);
    case "link_opened":
      return make(null, "external-link", said);
    case "input_sent":
      return make(null, "terminal", `typed into ${name}`, entry.actor);
    case "paused":
      return make("paused", null, said ? `paused: ${said}` : "paused", entry.actor);
    case "resumed":
      return make(null, "play", said ? `resumed: ${said}` : "resumed", entry.actor);
    case "stopped":
      return make("paused", null, said ? `stopped: ${said}` : "stopped", entry.actor);
    case "interrupted":
      return make("interrupted", null, name ? `cut off during ${name}` : "cut off");
    case "run_finished":
      return make(
        said === "passed"
          ? "passed"
          : said === "failed"
            ? "failed"
            : said === "rolled_back"
              ? "rolledback"
              : "abandoned",
        null,
        said.replace("_", " ") || "finished",
      );
    case "linked_run": {
      const [state = "", run = ""] = [said.slice(0, said.lastIndexOf(" ")), said.slice(said.lastIndexOf(" ") + 1)];
      // How it ended is said of its check.
      return state === "opened" ? make("running", null, `${name}: run ${run.slice(0, 8)} opened`, entry.actor) : null;
    }
    case "undone":
      // A run that a check stood for: by rolling that back.
      if (/^run \S+ was rolled back$/.test(said)) return make("rolledback", null, `${name} undone: its ${said}`);
      return make(
        "rolledback",
        null,
        said ? `${name} undone by hand: “${said}”` : `${name} undone`,
        said ? entry.actor : null,
      );
    case "rollback_started":
      return make(
        "rolledback",
        null,
        said ? `rollback begun: ${listed(said)} could be undone` : "rollback begun",
        entry.actor,
      );
    case "plan_chosen":
      return make("rolledback", null, said ? `plan chosen: ${said}` : "plan chosen", entry.actor);
    case "branched": {
      const step = book?.sections.flatMap((section) => section.steps).find((one) => one.id === said);
      const to = step ? `${step.number === null ? "" : `${step.number} `}${step.title}` : said;
      return make(null, "corner-down-left", `branch followed to ${to}`, entry.actor);
    }
    case "deviation":
      return make(
        null,
        "pencil",
        said ? `${name} edited for this run: “${said}”` : `${name} edited for this run`,
        entry.actor,
      );
    case "handed_over":
      return make("skipped", null, said ? `handed over to ${said}` : "handed over", entry.actor);
    case "confirmed":
      return make(null, "check", name ? `${name} confirmed: ${said}` : `confirmed: ${said}`, entry.actor);
    case "marked":
      // Who responds is the subject of that line; who marked it stands in the record.
      return make(
        null,
        "clock",
        entry.mark ? markWords(entry.mark) : said || "marked",
        entry.mark?.what === "responder" ? null : entry.actor,
      );
    default:
      return null;
  }
}

/** A sentence about a host without that host's name before it. */
export function withoutName(sentence: string, host: string): string {
  return sentence.startsWith(`${host}: `) ? sentence.slice(host.length + 2) : sentence;
}

/** `a, b and 2 more`, of a list with commas. */
function listed(names: string, most = 3): string {
  const all = names.split(", ");
  return all.length <= most ? names : `${all.slice(0, most).join(", ")} and ${all.length - most} more`;
}

/** What did not hold, in one sentence, for a reader that hears rather than sees it. */
export function failureSentence(item: ItemView, attempt: AttemptView | null): string {
  const name = itemName(item) ?? item.id;
  if (!attempt) return `${name} failed.`;
  const missed: Expected | undefined = attempt.expectations.find((one) => !one.holds);
  if (missed) return `${name} failed: expected ${wanted(missed.expected).code}, got ${missed.observed}.`;
  const exit = badExit(attempt);
  return exit ? `${name} failed: ${exit.got}.` : `${name} failed. ${attempt.note ?? ""}`.trim();
}
