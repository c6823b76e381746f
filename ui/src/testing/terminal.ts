// Stands for xterm.js where there is no browser to draw it: keeps what was written, and types.

import type { Options, Opened } from "../components/page/xterm";

export interface Stand {
  text: string;
  options: Options;
  closed: boolean;
  type(text: string): void;
}

/** Every terminal that was opened, in order. */
export const stands: Stand[] = [];

export function open(place: HTMLElement, options: Options): Opened {
  const field = document.createElement("textarea");
  field.setAttribute("aria-label", "Terminal input");
  const box = document.createElement("div");
  box.className = "xterm";
  box.append(field);
  place.append(box);
  const set = { disableStdin: true };
  const stand: Stand = {
    text: "",
    options,
    closed: false,
    type: (text) => {
      if (!set.disableStdin) options.ondata(text);
    },
  };
  stands.push(stand);
  const decoder = new TextDecoder();
  const terminal = {
    cols: 80,
    rows: 24,
    options: set,
    buffer: { active: { type: "normal" } },
    focus: () => field.focus(),
    write: (data: Uint8Array | string, done?: () => void) => {
      stand.text += typeof data === "string" ? data : decoder.decode(data);
      done?.();
    },
  };
  return {
    terminal: terminal as unknown as Opened["terminal"],
    cellHeight: () => 16,
    close: () => {
      stand.closed = true;
      box.remove();
    },
  };
}
