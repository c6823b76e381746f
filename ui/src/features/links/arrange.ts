// How links stand on the board: pinned ones first, then groups in columns; and where the arrows lead.

import type { SavedLink } from "../../bindings/types";

export interface Section {
  name: string;
  links: SavedLink[];
}

export interface Board {
  pins: SavedLink[];
  columns: Section[][];
}

/** What stands for a parameter on a row: its value, or that it waits for one. */
export interface Chip {
  name: string;
  text: string;
  open: boolean;
}

/** A piece of an address; whether it is a value. */
export interface Piece {
  text: string;
  value: boolean;
}

const HEAD = 1.6;
const TIMES = ["run.start_ms", "run.end_ms"];
/** So many pinned links have a number. */
export const NUMBERED = 9;

export function board(links: SavedLink[], columns: number): Board {
  const pins = links.filter((link) => link.pin !== null).sort((one, other) => (one.pin ?? 0) - (other.pin ?? 0));
  return { pins, columns: inColumns(sections(links.filter((link) => link.pin === null)), columns) };
}

/** The links of a group together, as they come. */
export function sections(links: SavedLink[]): Section[] {
  const found: Section[] = [];
  const named = links.some((link) => link.group !== null);
  for (const link of links) {
    const name = link.group ?? (named ? "Without a group" : "Links");
    const last = found.at(-1);
    if (last?.name === name) last.links.push(link);
    else found.push({ name, links: [link] });
  }
  return found;
}

/** Groups one after the other, in columns about as long as each other. */
export function inColumns(all: Section[], count: number): Section[][] {
  const size = (section: Section): number => section.links.length + HEAD;
  let rest = all.reduce((sum, section) => sum + size(section), 0);
  const columns: Section[][] = [];
  let at = 0;
  for (let left = count; left > 0 && at < all.length; left -= 1) {
    const fair = rest / left;
    const column: Section[] = [];
    let height = 0;
    for (let section = all[at]; section !== undefined; section = all[at]) {
      // Half of it beyond the mean is still nearer to it than leaving it out.
      if (column.length > 0 && left > 1 && height + size(section) / 2 > fair) break;
      column.push(section);
      height += size(section);
      at += 1;
    }
    rest -= height;
    columns.push(column);
  }
  return columns;
}

/** Two letters for the tile of a link. */
export function monogram(title: string): string {
  const words = title.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0] ?? "") : [...(words[0] ?? "?")];
  return letters.slice(0, 2).join("").toUpperCase();
}

export function chips(link: SavedLink): Chip[] {
  const times = link.parameters.some((name) => TIMES.includes(name))
    ? [{ name: "run", text: "last hour", open: false }]
    : [];
  const given = link.parameters
    .filter((name) => !TIMES.includes(name))
    .map((name) => {
      const value = link.filled[name];
      return value === undefined ? { name, text: `${name}?`, open: true } : { name, text: value, open: false };
    });
  return [...given, ...times];
}

/** The address in pieces, with the values that stand in it. */
export function pieces(link: SavedLink): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of link.address.matchAll(/\{\{[ \t]?([A-Za-z_][A-Za-z0-9_]*|run\.(?:start|end)_ms)[ \t]?\}\}/g)) {
    const value = link.filled[match[1] ?? ""];
    if (value === undefined) continue;
    found.push({ text: link.address.slice(from, match.index), value: false }, { text: encode(value), value: true });
    from = match.index + match[0].length;
  }
  found.push({ text: link.address.slice(from), value: false });
  return found.filter((piece) => piece.text !== "");
}

/** As the program encodes it: all but the unreserved characters of RFC 3986. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A link as it is shown before a set is opened. */
export function inSet(link: SavedLink): { id: string; title: string; address: string | null; why: string | null } {
  const why = link.refused ?? (link.missing.length > 0 ? `it needs ${link.missing.join(", ")}` : null);
  return { id: link.id, title: link.title, address: link.opens, why };
}

/** Every link in the order in which one goes down the board. */
export function order(shown: Board): SavedLink[] {
  return [...shown.pins, ...shown.columns.flatMap((column) => column.flatMap((section) => section.links))];
}

export type Way = "up" | "down" | "left" | "right";

/** The link that an arrow leads to from another one. */
export function neighbour(shown: Board, id: string | null, way: Way): string | null {
  const all = order(shown);
  const at = all.findIndex((link) => link.id === id);
  if (at < 0) return all[0]?.id ?? null;
  if (way === "up" || way === "down") return all[at + (way === "down" ? 1 : -1)]?.id ?? id;
  const by = way === "right" ? 1 : -1;
  if (at < shown.pins.length) return shown.pins[at + by]?.id ?? id;
  const columns = shown.columns.map((column) => column.flatMap((section) => section.links));
  const column = columns.findIndex((links) => links.some((link) => link.id === id));
  const beside = columns[column + by];
  if (!beside) return id;
  const row = columns[column]?.findIndex((link) => link.id === id) ?? 0;
  return beside[Math.min(row, beside.length - 1)]?.id ?? id;
}
