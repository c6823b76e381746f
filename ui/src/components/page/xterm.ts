// Opens a terminal in a place of the page. This file and what it brings along are loaded with the first output.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

import { SCROLLBACK } from "./terminal";

export interface Options {
  /** Rows of the screen; with `fill` until the place has its size. */
  rows: number;
  /** It has as many rows as its place has room for. */
  fill?: boolean;
  theme: ITheme;
  onresize: (columns: number, rows: number) => void;
  ondata: (text: string) => void;
  /** The person leaves the terminal by Ctrl Shift Esc. */
  onleave: () => void;
  oncopy: (text: string) => void;
}

export interface Opened {
  terminal: Terminal;
  cellHeight(): number;
  close(): void;
}

export function open(place: HTMLElement, options: Options): Opened {
  const terminal = new Terminal({
    rows: options.rows,
    scrollback: SCROLLBACK,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono").trim() || "monospace",
    fontSize: 12,
    lineHeight: 1.01,
    theme: options.theme,
    minimumContrastRatio: 4.5,
    convertEol: false,
    cursorStyle: "block",
    disableStdin: true,
    allowProposedApi: true,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);

  const refit = (): void => {
    const wanted = fit.proposeDimensions();
    if (!wanted || !Number.isFinite(wanted.cols) || wanted.cols < 20) return;
    const rows = options.fill === true && Number.isFinite(wanted.rows) ? Math.max(2, wanted.rows) : options.rows;
    if (wanted.cols !== terminal.cols || rows !== terminal.rows) terminal.resize(wanted.cols, rows);
  };
  refit();
  options.onresize(terminal.cols, terminal.rows);
  const resized = terminal.onResize(({ cols, rows }) => options.onresize(cols, rows));
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(refit);
  });
  observer.observe(place);

  terminal.attachCustomKeyEventHandler((event) => {
    if (!(event.ctrlKey && event.shiftKey)) return true;
    if (event.type === "keydown") {
      if (event.key === "Escape") options.onleave();
      else if (event.key.toLowerCase() === "c" && terminal.hasSelection()) {
        event.preventDefault();
        options.oncopy(terminal.getSelection());
      } else if (event.key.toLowerCase() === "v") return true;
    }
    return false;
  });
  const typed = terminal.onData(options.ondata);

  return {
    terminal,
    cellHeight: () => {
      const screen = place.querySelector(".xterm-screen");
      return screen instanceof HTMLElement && screen.offsetHeight > 0 ? screen.offsetHeight / terminal.rows : 16;
    },
    close: () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      resized.dispose();
      typed.dispose();
      terminal.dispose();
    },
  };
}
