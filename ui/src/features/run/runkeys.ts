// What a single key does in a run. Pure: the screen carries it out.

import type { ItemKind, ItemStatus } from "../../bindings/types";
import type { Question } from "../../components/page/session.svelte";
import { isSettled } from "../../components/page/model";

export type KeyAction =
  | {
      do:
        | "tick"
        | "sent"
        | "run"
        | "open"
        | "retry"
        | "edit"
        | "undone"
        | "plan"
        | "note"
        | "pause"
        | "drawer"
        | "back"
        | "report"
        | "hand"
        | "mark"
        | "update";
    }
  | { do: "ask"; question: Exclude<Question, "abandon" | "tick"> }
  | { do: "link"; at: number };

/** What the keys act on, and what the run allows. */
export interface At {
  kind: ItemKind | null;
  status: ItemStatus;
  /** This process drives the run. */
  active: boolean;
  paused: boolean;
  /** Something may be chosen about what failed or was cut off, also where that takes the run up. */
  choosable: boolean;
  /** There is something to undo, and nothing is being undone. */
  undoable: boolean;
  /** It is a check that stands for a run of another runbook. */
  opens: boolean;
  /** It is undone by a person, as a part of a rollback. */
  byHand: boolean;
  /** It is here, and something is left of it to be handed over. */
  handable: boolean;
  /** The run is one of an incident. */
  incident?: boolean;
}

export function keyAction(key: string, at: At): KeyAction | null {
  const { kind, status, active, paused } = at;
  if (key === "Escape") return { do: "back" };
  if (key === "Ctrl+j" || key === "Ctrl+Shift+j") return { do: "drawer" };
  if (/^[1-9]$/.test(key)) return { do: "link", at: Number(key) };
  if (key === "v") return { do: "report" };
  if (key === "h") return at.handable ? { do: "hand" } : null;
  if (key === "i") return at.incident ? { do: "mark" } : null;
  if (key === "u") return at.incident ? { do: "update" } : null;
  if (key === "r") return at.undoable ? { do: "plan" } : null;
  const open = status === "failed" || status === "interrupted";
  if (kind !== null && at.choosable && open && !at.byHand && !(active && paused)) {
    const machine = kind !== "check" && kind !== "message";
    switch (key) {
      case "Enter":
        return machine || at.opens ? { do: "retry" } : null;
      case "Space":
        return machine || at.opens ? null : { do: "retry" };
      case "e":
        return machine && kind !== "probe" ? { do: "edit" } : null;
      case "m":
        return { do: "ask", question: "done" };
      case "s":
        return { do: "ask", question: "skip" };
    }
  }
  if (!active) return null;
  if (key === "n") return { do: "note" };
  if (key === "p") return { do: "pause" };
  if (kind === null || paused) return null;
  if (at.byHand) return key === "Enter" ? { do: "undone" } : null;
  const runs = kind === "command" || kind === "probe" || kind === "undo";
  switch (key) {
    case "Space":
      if (kind === "check") return { do: "tick" };
      return kind === "message" ? { do: "sent" } : null;
    case "Enter":
      if (at.opens) return status === "passed" ? null : { do: "open" };
      return runs ? { do: "run" } : null;
    case "s":
      return isSettled(status) || status === "running" ? null : { do: "ask", question: "skip" };
    case "f":
      return kind === "check" && status !== "failed" ? { do: "ask", question: "fail" } : null;
    default:
      return null;
  }
}
