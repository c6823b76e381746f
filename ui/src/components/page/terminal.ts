// How output is drawn: xterm.js with its DOM renderer, loaded when the first output is to be shown.

import type { ITheme, Terminal } from "@xterm/xterm";

import { wantedPattern } from "./words";

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

/** Where an expectation of text or of an expression stands in the output: the first place. */
export function findHit(terminal: Terminal, expected: string): Hit | null {
  const body = wantedPattern(expected);
  if (body === null || body === "") return null;
  const expression = /^\/(.*)\/$/s.exec(body)?.[1];
  let pattern: RegExp;
  try {
    pattern =
      expression === undefined ? new RegExp(body.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : new RegExp(expression);
  } catch {
    // Rust's expressions know more than JavaScript's; then nothing is underlined.
    return null;
  }
  const buffer = terminal.buffer.active;
  for (let line = 0; line < buffer.length; line += 1) {
    const found = pattern.exec(buffer.getLine(line)?.translateToString(true) ?? "");
    if (found && found[0] !== "") return { line, column: found.index, width: found[0].length };
  }
  return null;
}

/** A size of output in words. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / (1024 * 1024)).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}
