// Values that a command asks for before it can start: placeholders, doubts, variables that nobody set.

import type { Needs } from "../../bindings/types";

export interface Field {
  kind: "placeholder" | "doubt" | "variable";
  name: string;
  /** What is asked. */
  label: string;
}

export interface Given {
  value: string;
  /** Left empty, or as it stands, on purpose. */
  settled: boolean;
}

export function fieldsOf(needs: Needs): Field[] {
  return [
    ...needs.placeholders.map((name): Field => ({ kind: "placeholder", name, label: `<${name}>` })),
    ...needs.doubts.map((name): Field => ({ kind: "doubt", name, label: name })),
    ...needs.variables.map((name): Field => ({ kind: "variable", name, label: `$${name}` })),
  ];
}

/** What an item asks for in a run whose commands have set those variables. */
export function needsOf(item: Needs, set: readonly string[]): Needs {
  const variables = item.variables.filter((name) => !set.includes(name));
  return { placeholders: item.placeholders, doubts: item.doubts, variables };
}

/** What is sent: only what a person has settled. */
export function valuesToSend(fields: readonly Field[], given: ReadonlyMap<string, Given>): { [key in string]: string } {
  const values: { [key in string]: string } = {};
  for (const field of fields) {
    const entry = given.get(field.name);
    if (entry && (entry.value !== "" || entry.settled)) {
      values[field.name] = field.kind === "doubt" && entry.value === "" ? field.name : entry.value;
    }
  }
  return values;
}

/** The fields that still want an answer. */
export function unanswered(fields: readonly Field[], given: ReadonlyMap<string, Given>): Field[] {
  return fields.filter((field) => {
    const entry = given.get(field.name);
    if (!entry) return true;
    if (field.kind === "placeholder") return entry.value === "";
    return entry.value === "" && !entry.settled;
  });
}

/** The fields that stand in a text: of those that are known of another one. */
export function standing(fields: readonly Field[], text: string): Field[] {
  return fields.filter((field) =>
    field.kind === "variable" ? new RegExp(`\\$\\{?${field.name}\\b`).test(text) : text.includes(field.label),
  );
}

export interface Piece {
  text: string;
  /** It is, or stands for, a value. */
  kind: "text" | "open" | "filled";
}

/** The script with the values where they will stand. Quoting is added where the shell needs it; the record shows it. */
export function filled(script: string, fields: readonly Field[], given: ReadonlyMap<string, Given>): Piece[] {
  const spots = fields.filter((field) => field.kind !== "variable");
  let pieces: Piece[] = [{ text: script, kind: "text" }];
  for (const field of spots) {
    const entry = given.get(field.name);
    const value = entry?.value ?? "";
    const asItStands = field.kind === "doubt" && (entry?.settled ?? false) && value === "";
    pieces = pieces.flatMap((piece): Piece[] => {
      if (piece.kind !== "text") return [piece];
      const parts = piece.text.split(field.label);
      return parts.flatMap((text, index): Piece[] => {
        const before: Piece[] =
          index === 0
            ? []
            : [
                value === ""
                  ? { text: field.label, kind: asItStands ? "filled" : "open" }
                  : { text: value, kind: "filled" },
              ];
        return text === "" ? before : [...before, { text, kind: "text" }];
      });
    });
  }
  return pieces;
}
