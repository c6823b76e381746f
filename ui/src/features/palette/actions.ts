// What the window itself can do from the palette: places to go to, and what the screen that is shown does at a key.

import type { PaletteAction } from "../../bindings/types";
import type { Route } from "../../lib/route.svelte";

export type Does =
  | { go: Route }
  /** Pressed where the focus was: the screen's own key does it. */
  | { key: string }
  | { call: "rescan" | "lock" | "help" | "runs" }
  | { theme: "light" | "dark" | "system" };

export interface WindowAction extends PaletteAction {
  does: Does;
  /** The keys that do it without the palette. */
  keys: string[];
}

function action(id: string, title: string, does: Does, keys: string[] = [], words = "", beside = ""): WindowAction {
  return { id, title, does, keys, words, beside };
}

const ALWAYS: WindowAction[] = [
  action("go.library", "Go to Runbooks", { go: { screen: "library" } }, [], "library list"),
  action("go.runs", "Go to Runs", { go: { screen: "runs" } }, [], "history records"),
  action("go.schedules", "Go to Schedules", { go: { screen: "schedules" } }, [], "cron timer routine nightly"),
  action("go.access", "Go to Access", { go: { screen: "access" } }, [], "secrets passwords hosts entries"),
  action("go.links", "Go to Links", { go: { screen: "links" } }, [], "bookmarks dashboards"),
  action("go.settings", "Go to Settings", { go: { screen: "settings" } }, ["Ctrl", ","], "preferences options"),
  action("new.runbook", "New runbook", { go: { screen: "new" } }, [], "create write add"),
  action("runs.open", "Runs under way", { call: "runs" }, ["W"], "switch live"),
  action("library.rescan", "Read the folders of runbooks anew", { call: "rescan" }, [], "refresh reload rescan"),
  action("access.lock", "Take a copied secret off and lock the vault", { call: "lock" }, [], "clear clipboard hide"),
  action("theme.light", "Light window", { theme: "light" }, [], "theme paper day bright"),
  action("theme.dark", "Dark window", { theme: "dark" }, [], "theme night"),
  action("theme.system", "Light as the system has it", { theme: "system" }, [], "theme dark auto"),
  action("help.keys", "All keys", { call: "help" }, ["?"], "shortcuts help"),
];

const OF_SCREEN: { [screen in Route["screen"]]?: WindowAction[] } = {
  run: [
    action("run.note", "Add a note to this run", { key: "n" }, ["N"], "record write"),
    action("run.pause", "Pause or resume this run", { key: "p" }, ["P"], "stop hold continue"),
    action("run.hand-over", "Hand this run over", { key: "h" }, ["H"], "machine export give"),
    action("run.report", "Report of this run", { key: "v" }, ["V"], "record"),
    action("run.rollback", "Plan of a rollback of this run", { key: "r" }, ["R"], "undo back"),
  ],
  links: [
    action("links.new", "New link", { key: "c" }, ["C"], "bookmark add"),
    action("links.import", "Import bookmarks", { key: "i" }, ["I"], "browser csv"),
  ],
  schedules: [action("schedules.new", "New schedule", { key: "c" }, ["C"], "cron timer add")],
  access: [action("access.new", "New access entry", { key: "c" }, ["C"], "add secret password host")],
};

/** What can be done while that screen is shown. */
export function actionsOn(screen: Route["screen"]): WindowAction[] {
  return [...(OF_SCREEN[screen] ?? []), ...ALWAYS];
}

/** The same, as the program ranks them. */
export function asked(actions: readonly WindowAction[]): PaletteAction[] {
  return actions.map(({ id, title, words, beside }) => ({ id, title, words, beside }));
}
