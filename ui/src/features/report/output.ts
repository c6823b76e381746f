// What a command printed, as lines to be read and searched. Long output is folded in its middle.

/** Lines that stand before and after the fold. */
export const HEAD = 200;
export const TAIL = 400;
/** Hits that are shown at once. */
export const HITS = 500;
/** The most that is read into the page, in bytes; exports and the command line have all of it. */
export const MOST = 16 * 1024 * 1024;

export interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/** What is shown: lines, and where some are folded how many. */
export type Shown = { lines: Line[]; folded: { after: number; count: number } | null; hits: number | null };

/** The lines that hold the words, or all of them with a fold in the middle. */
export function shown(all: readonly string[], words: string, unfolded: boolean): Shown {
  const numbered = (from: number, to: number): Line[] =>
    all.slice(from, to).map((text, at) => ({ number: from + at + 1, text }));
  const wanted = words.toLowerCase();
  if (wanted !== "") {
    const found: Line[] = [];
    let hits = 0;
    all.forEach((text, at) => {
      if (!text.toLowerCase().includes(wanted)) return;
      hits += 1;
      if (found.length < HITS) found.push({ number: at + 1, text });
    });
    return { lines: found, folded: null, hits };
  }
  if (unfolded || all.length <= HEAD + TAIL) return { lines: numbered(0, all.length), folded: null, hits: null };
  const count = all.length - HEAD - TAIL;
  return {
    lines: [...numbered(0, HEAD), ...numbered(HEAD + count, all.length)],
    folded: { after: HEAD, count },
    hits: null,
  };
}

/** A line in parts, so that what was looked for stands out. */
export function parts(text: string, words: string): { text: string; hit: boolean }[] {
  if (words === "") return [{ text, hit: false }];
  const [low, wanted] = [text.toLowerCase(), words.toLowerCase()];
  // Lower case can be longer than what it was made from: then nothing is marked, rather than the wrong letters.
  if (low.length !== text.length) return [{ text, hit: false }];
  const found: { text: string; hit: boolean }[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    if (at > from) found.push({ text: text.slice(from, at), hit: false });
    found.push({ text: text.slice(at, at + wanted.length), hit: true });
    from = at + wanted.length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), hit: false });
  return found;
}
