// The values that a run asks for at its start.

import type { ParamView, RunPreparation } from "../../bindings/types";
import { dayAndTime } from "../../lib/time";

/** What stands in the fields at first: what was given before, else what the runbook says. A secret is given each time. */
export function initial(
  params: readonly ParamView[],
  before: { readonly [name: string]: string } = {},
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const param of params) {
    const value = param.secret ? undefined : before[param.name];
    values[param.name] = value ?? param.default ?? "";
  }
  return values;
}

/** What is wrong with each value, by name. */
export function wrong(params: readonly ParamView[], values: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const param of params) {
    const value = values[param.name] ?? "";
    if (value === "" && param.required) found[param.name] = `${param.name} is needed`;
    else if (value !== "" && param.choices.length > 0 && !param.choices.includes(value)) {
      found[param.name] = `${param.name} is one of ${param.choices.join(", ")}`;
    } else if (value !== "" && param.pattern !== null && !matches(param.pattern, value)) {
      found[param.name] = `${param.name} must match /${param.pattern}/`;
    }
  }
  return found;
}

/** What does not fit of what was typed so far: nothing that is only missing. */
export function unfit(params: readonly ParamView[], values: Record<string, string>): Record<string, string> {
  const given = params.filter((param) => (values[param.name] ?? "") !== "");
  return wrong(given, values);
}

/** Whether a value matches as a whole. An expression that is only Rust's is left to the program, which asks the same. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true;
  }
}

/** What is sent: empty values of parameters that may be left out are left out. */
export function sent(params: readonly ParamView[], values: Record<string, string>): { [key in string]: string } {
  const result: { [key in string]: string } = {};
  for (const param of params) {
    const value = values[param.name] ?? "";
    if (value !== "" || param.required) result[param.name] = value;
  }
  return result;
}

/** How a value is best given. */
export type Kind =
  | { kind: "text" | "number" | "secret" }
  /** One of a few, all in view; or of many. */
  | { kind: "buttons" | "list"; choices: readonly string[] };

/** So many choices, of so few letters together, are all in view. */
const FEW = 5;
const SHORT = 32;
const WORDS = /^\^?\(?(?:\?:)?([\p{L}\p{N}_.-]+(?:\|[\p{L}\p{N}_.-]+)+)\)?\$?$/u;
const NUMBER =
  /^\^?-?\??(?:\\d|\[0-9\]|\[1-9\])(?:[+*?]|\{\d+(?:,\d*)?\})?(?:(?:\\d|\[0-9\])(?:[+*?]|\{\d+(?:,\d*)?\})?)*(?:\(?(?:\?:)?\\\.(?:\\d|\[0-9\])[+*]\)?\??)?\$?$/;

/** How a parameter is asked for: by what its choices and its pattern say of it. `yes|no` is a choice written otherwise. */
export function kindOf(param: ParamView): Kind {
  if (param.secret) return { kind: "secret" };
  const named = param.pattern === null ? null : WORDS.exec(param.pattern);
  const choices = param.choices.length > 0 ? param.choices : (named?.[1]?.split("|") ?? []);
  if (choices.length > 0) {
    const short = choices.length <= FEW && choices.join("").length <= SHORT;
    return { kind: short ? "buttons" : "list", choices };
  }
  return { kind: param.pattern !== null && NUMBER.test(param.pattern) ? "number" : "text" };
}

/** Where the values in the fields come from, by name: those that nobody has touched. */
export function origins(
  params: readonly ParamView[],
  values: Record<string, string>,
  touched: ReadonlySet<string>,
  remembered: RunPreparation["remembered"],
  now: number,
): Record<string, string> {
  const from: Record<string, string> = {};
  for (const param of params) {
    const value = values[param.name] ?? "";
    if (value === "" || param.secret || touched.has(param.name)) continue;
    const before = remembered?.values[param.name];
    if (remembered && before === value && before !== param.default)
      from[param.name] = `from the run of ${dayAndTime(remembered.started_at, now)}`;
    else if (param.default === value) from[param.name] = "the runbook’s own";
  }
  return from;
}

/** That values came from outside, by name: those that nobody has touched, and that still are what came. */
export function fromOutside(
  values: Record<string, string>,
  brought: { readonly [name: string]: string | undefined },
  touched: ReadonlySet<string>,
): Record<string, string> {
  const still = Object.keys(brought).filter((name) => !touched.has(name) && values[name] === brought[name]);
  return Object.fromEntries(still.map((name) => [name, "from outside"]));
}
