// What the pretended engine makes of a runbook's text once values are known: messages, lines for sessions, attempts and their output.

import type { AttemptView, ItemProgress, ItemStatus, RunUpdate } from "../../bindings/types";
import type { Built } from "./build";

/** Messages with the parameters in their places. */
export function messagesOf(built: Built, parameters: Record<string, string>): Record<string, string> {
  const all = Object.values(built.view.items).flatMap((item) => (item?.kind === "message" ? [item] : []));
  return Object.fromEntries(
    all.map((item) => [
      item.id,
      item.text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => parameters[name] ?? whole),
    ]),
  );
}

/** The lines for sessions with the values that were given in their places. */
export function sessionLinesOf(built: Built, given: ReadonlyMap<string, string>): Record<string, string[]> {
  const all = Object.values(built.view.items).flatMap((item) => (item ? [item] : []));
  const waiting = all.filter((item) => item.session_input.some((line) => line.includes("<")));
  const fill = (line: string): string => line.replace(/<([^<>]+)>/g, (whole, name: string) => given.get(name) ?? whole);
  return Object.fromEntries(waiting.map((item) => [item.id, item.session_input.map(fill)]));
}

/** A try that has just begun. */
export function newAttempt(number: number, started_at: string, command: string): AttemptView {
  return {
    number,
    started_at,
    command,
    target: "this machine",
    cwd: "/home/mara/runbooks",
    state: null,
    exit: null,
    signal: null,
    note: null,
    duration_ms: null,
    of: null,
    output_bytes: 0,
    expectations: [],
    typed: false,
  };
}

/** Pieces of output as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** An item to which nothing has happened. */
export function newItem(id: string): ItemProgress {
  return {
    item: id,
    status: "pending",
    at: "",
    actor: "",
    remark: null,
    attempts: [],
    background: false,
    edited: null,
  };
}

/** The title of the step that an item stands in. */
export function stepTitle(built: Built, item: string | null): string | null {
  const step = built.view.items[item ?? ""]?.step;
  return built.view.sections.flatMap((section) => section.steps).find((one) => one.id === step)?.title ?? null;
}

/** The states of what is settled. */
export const SETTLED: ReadonlySet<ItemStatus> = new Set<ItemStatus>(["passed", "skipped", "overridden"]);
export interface Listener {
  update(update: RunUpdate): void;
  output(item: string, attempt: number, offset: number, bytes: Uint8Array): void;
}
