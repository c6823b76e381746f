// How output is drawn: xterm.js with its DOM renderer, loaded when the first output is to be shown.

import type { ITheme, Terminal } from "@xterm/xterm";

import { wanted, wantedPattern } from "./words";

/** Rows that a command is told it has, and the most that is shown without scrolling. */
export const ROWS = 24;
/** Lines that can be scrolled back. */
export const SCROLLBACK = 5000;
export const SCROLLBACK_WHOLE = 60_000;
/** How much of what was kept is shown at first, and at most; bytes. */
export const TAIL = 256 * 1024;
export const WHOLE = 4 * 1024 * 1024;

/** The colours of a terminal from the design's tokens. */
export function themeFrom(of: (name: string) => string): ITheme {
  const ink = of("--ink-1");
  return {
    background: of("--bg-sunken"),
    foreground: of("--ink-2"),
    cursor: ink,
    cursorAccent: of("--bg-sunken"),
    selectionBackground: of("--ink-1"),
    selectionForeground: of("--bg-page"),
    black: ink,
    red: of("--fail"),
    green: of("--good"),
    yellow: of("--need"),
    blue: of("--syn-str"),
    magenta: of("--syn-attr"),
    cyan: of("--syn-str"),
    white: of("--ink-2"),
    brightBlack: of("--ink-3"),
    brightRed: of("--fail"),
    brightGreen: of("--good"),
    brightYellow: of("--need"),
    brightBlue: of("--syn-str"),
    brightMagenta: of("--syn-attr"),
    brightCyan: of("--syn-str"),
    brightWhite: ink,
  };
}

/** A token of the page as it is now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function pageTheme(): ITheme {
  return themeFrom(token);
}

/** How many lines of the screen and what was scrolled off hold something. */
export function usedLines(terminal: Terminal): number {
  const buffer = terminal.buffer.active;
  let last = buffer.baseY + buffer.cursorY;
  // The cursor's own line counts only when there is something on it.
  while (last >= 0 && isBlank(terminal, last)) last -= 1;
  for (let line = last + 1; line < buffer.length; line += 1) if (!isBlank(terminal, line)) last = line;
  return last + 1;
}

function isBlank(terminal: Terminal, line: number): boolean {
  return (terminal.buffer.active.getLine(line)?.translateToString(true) ?? "") === "";
}

export interface Hit {
  line: number;
  column: number;
  width: number;
}

/** A text, or an expression between slashes, as one to search with; null where JavaScript does not know it. */
function searched(body: string): RegExp | null {
  const expression = /^\/(.*)\/$/s.exec(body)?.[1];
  try {
    return expression === undefined ? new RegExp(body.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : new RegExp(expression);
  } catch {
    // Rust's expressions know more than JavaScript's; then nothing is marked.
    return null;
  }
}

function placeIn(lines: readonly string[], pattern: RegExp): Hit | null {
  for (const [line, text] of lines.entries()) {
    const found = pattern.exec(text);
    if (found && found[0] !== "") return { line, column: found.index, width: found[0].length };
  }
  return null;
}

/** Where an expectation of text or of an expression stands in the output: the first place. */
export function hitIn(lines: readonly string[], expected: string): Hit | null {
  const body = wantedPattern(expected);
  const pattern = body === null || body === "" ? null : searched(body);
  return pattern && placeIn(lines, pattern);
}

/**
 * Where the output says that an expectation does not hold: what must not stand in it, the first line that is not as each
 * has to be, the number that is not as wanted. Null where something is just not there.
 */
export function missIn(lines: readonly string[], expected: string): Hit | null {
  const { label, code } = wanted(expected);
  if (label === "Not expected") {
    const pattern = searched(code);
    return pattern && placeIn(lines, pattern);
  }
  if (label === "Each line") {
    const pattern = searched(code);
    const line = pattern === null ? -1 : lines.findIndex((text) => text.trim() !== "" && !pattern.test(text));
    const text = lines[line];
    if (text === undefined) return null;
    const column = text.length - text.trimStart().length;
    return { line, column, width: text.trim().length };
  }
  if (label === "Number") {
    for (let line = lines.length - 1; line >= 0; line -= 1) {
      const found = [...(lines[line] ?? "").matchAll(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g)].at(-1);
      if (found) return { line, column: found.index, width: found[0].length };
    }
  }
  return null;
}

/** The lines of a terminal, as they are read. */
export function linesOf(terminal: Terminal): string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: buffer.length }, (_, line) => buffer.getLine(line)?.translateToString(true) ?? "");
}

/** A size of output in words. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / (1024 * 1024)).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}
