// The rows of the palette, and how keys go through them. Pure.

import type { PaletteHit, PaletteKind } from "../../bindings/types";

export type Row = { is: "hit"; key: string; hit: PaletteHit } | { is: "new"; key: string; title: string };

const KINDS: { [kind in PaletteKind]: string } = {
  run: "Run",
  runbook: "Runbook",
  step: "Step",
  link: "Link",
  access: "Access",
  action: "Action",
};

const ICONS: { [kind in PaletteKind]: string } = {
  run: "play",
  runbook: "book-open",
  step: "list",
  link: "bookmark",
  access: "key-round",
  action: "corner-down-left",
};

const ENTRY_ICONS: { [kind in string]: string } = {
  ssh: "terminal",
  database: "database",
  web: "globe",
  container: "container",
  note: "sticky-note",
};

/** What was found, and last of all a new runbook that is called so: something is always there to be chosen. */
export function rowsOf(hits: readonly PaletteHit[], text: string): Row[] {
  const rows: Row[] = hits.map((hit) => ({ is: "hit", key: `${hit.kind} ${hit.id} ${hit.part}`, hit }));
  const title = text.trim().replace(/\s+/g, " ");
  if (title !== "" && !/^[>@#]/.test(title)) rows.push({ is: "new", key: "new", title });
  return rows;
}

export function kindOf(row: Row): string {
  return row.is === "new" ? "Action" : KINDS[row.hit.kind];
}

export function iconOf(row: Row): string {
  if (row.is === "new") return ICONS.action;
  return ENTRY_ICONS[row.hit.entry_kind ?? ""] ?? ICONS[row.hit.kind];
}

/** The row that a key goes to, of so many; null for any other key. Up from the first is the last. */
export function moved(key: string, at: number, rows: number): number | null {
  if (rows === 0) return null;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % rows;
    case "ArrowUp":
      return (at - 1 + rows) % rows;
    case "Home":
      return 0;
    case "End":
      return rows - 1;
    case "PageDown":
      return Math.min(rows - 1, at + 8);
    case "PageUp":
      return Math.max(0, at - 8);
    default:
      return null;
  }
}
