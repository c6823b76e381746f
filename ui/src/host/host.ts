// What the interface may ask of the world. Everything outside the page goes through here; only `tauri.ts` beside this
// file knows Tauri.

import { inWindow } from "../lib/remedies";
import type { Decoded } from "./messages";
import type {
  ApiError,
  Commands,
  ConnectAccess,
  News,
  OutputArgument,
  OutputHeader,
  RunUpdate,
  TerminalEnd,
} from "../bindings/types";

export type CommandName = keyof Commands;
export type Arguments<C extends CommandName> = Commands[C]["arguments"];
export type Result<C extends CommandName> = Commands[C]["result"];

/** A piece of live output. `taken` is called once the page has drawn it (or decided not to): that lets more come. */
export interface OutputPiece {
  header: OutputHeader;
  bytes: Uint8Array;
  taken: () => void;
}

/** A watch on a run. */
export interface Watch {
  close(): Promise<void>;
}

/** A terminal of the window that is connected to an access entry. */
export interface Connected {
  input(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Ends what runs in it. */
  close(): Promise<void>;
}

export interface Host {
  /** Asks for one command of the list. Fails with an {@link ApiError}. */
  call<C extends CommandName>(name: C, args: Arguments<C>): Promise<Result<C>>;
  /** Watches a run from after event `after` on. */
  watchRun(
    run: string,
    after: number,
    onUpdate: (update: RunUpdate) => void,
    onOutput: (piece: OutputPiece) => void,
  ): Promise<Watch>;
  /** Hears of changes in the library and of long work, from now on. */
  watchNews(onNews: (news: News) => void): Promise<Watch>;
  /**
   * Connects to an access entry in a terminal. `taken` is called once the page has drawn a piece: that lets more come. The
   * end comes once, perhaps before the answer.
   */
  connect(
    asked: ConnectAccess,
    onOutput: (bytes: Uint8Array, taken: () => void) => void,
    onEnd: (end: TerminalEnd) => void,
  ): Promise<Connected>;
  /** Output that was kept, at most 4 MiB at a time; its header says where it begins. No bytes mean the end. */
  readOutput(range: OutputArgument): Promise<Decoded>;
  /** Lets the person choose a folder; null when they change their mind. */
  pickFolder(): Promise<string | null>;
  /** Lets the person choose a file of these endings (without a dot); null when they change their mind. */
  pickFile(title: string, endings: string[]): Promise<string | null>;
  /** Lets the person choose where to save, under that title; null when they change their mind. */
  pickSave(name: string, title?: string): Promise<string | null>;
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
}

const CODES: ReadonlySet<string> = new Set<ApiError["code"]>([
  "bad_input",
  "not_found",
  "needs_values",
  "needs_confirmation",
  "guard",
  "not_trusted",
  "stale",
  "state",
  "locked",
  "scheme",
  "needs_grant",
  "keychain",
  "vault_locked",
  "store",
  "file",
  "internal",
]);

/** Whatever was thrown, as the error that the wire knows. */
export function apiError(thrown: unknown): ApiError {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const error = thrown as ApiError;
    if (CODES.has(error.code)) return { ...error, message: inWindow(error.message) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message };
}
