// What a single key does in a run. Pure: the screen carries it out.

import type { ItemKind, ItemStatus } from "../../bindings/types";
import type { Question } from "../../components/page/session.svelte";
import { isSettled } from "../../components/page/model";

export type KeyAction =
  | { do: "tick" | "sent" | "run" | "note" | "pause" | "drawer" | "back" }
  | { do: "ask"; question: Exclude<Question, "abandon"> }
  | { do: "link"; at: number };

export function keyAction(
  key: string,
  kind: ItemKind | null,
  status: ItemStatus,
  active: boolean,
  paused: boolean,
): KeyAction | null {
  if (key === "Escape") return { do: "back" };
  if (key === "Ctrl+j" || key === "Ctrl+Shift+j") return { do: "drawer" };
  if (/^[1-9]$/.test(key)) return { do: "link", at: Number(key) };
  if (!active) return null;
  if (key === "n") return { do: "note" };
  if (key === "p") return { do: "pause" };
  if (kind === null || paused) return null;
  const runs = kind === "command" || kind === "probe" || kind === "undo";
  switch (key) {
    case "Space":
      if (kind === "check") return { do: "tick" };
      return kind === "message" ? { do: "sent" } : null;
    case "Enter":
      return runs ? { do: "run" } : null;
    case "s":
      return isSettled(status) || status === "running" ? null : { do: "ask", question: "skip" };
    case "f":
      return kind === "check" && status !== "failed" ? { do: "ask", question: "fail" } : null;
    case "m":
      return status === "failed" ? { do: "ask", question: "done" } : null;
    default:
      return null;
  }
}
