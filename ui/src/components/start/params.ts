// The values that a run asks for at its start.

import type { ParamView } from "../../bindings/types";

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

/** Whether a run has to ask before it can start. */
export function mustAsk(params: readonly ParamView[]): boolean {
  return params.some((param) => param.required && param.default === null);
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
