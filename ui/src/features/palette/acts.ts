// What can be done with a hit: the first by Enter, the others behind Tab. Each goes through the same door as the screen where it is
// done otherwise.

import type { AccessRow, PaletteHit, RunSummary } from "../../bindings/types";
import { connections } from "../../components/access/connections.svelte";
import { isWeb, SEED } from "../../components/access/entry";
import { wanted } from "../../components/access/wanted.svelte";
import { host } from "../../host";
import { app } from "../../lib/app.svelte";
import { gate } from "../../lib/gate.svelte";
import { plain } from "../../lib/marked";
import { router, type Route } from "../../lib/route.svelte";
import { settings } from "../../lib/theme.svelte";
import { toasts } from "../../lib/toasts.svelte";
import type { Does, WindowAction } from "./actions";
import type { Row } from "./rows";

/** What came of it: done, thought better of, a key that the screen behind is pressed, or a place that the focus goes to. */
export type Came =
  { came: "done" } | { came: "nothing" } | { came: "pressed"; key: string } | { came: "focus"; to: () => void };

export interface Act {
  id: string;
  name: string;
  /** The keys that do it without the palette. */
  keys?: string[];
  do: (given: { [name in string]: string }) => Promise<Came>;
}

const DONE: Came = { came: "done" };

function go(id: string, name: string, route: Route): Act {
  return {
    id,
    name,
    do: async () => {
      router.go(route);
      return DONE;
    },
  };
}

/** The run that links are filled from, and that records them: the one that is shown. */
function shownRun(): string | null {
  return router.current.screen === "run" ? router.current.run : null;
}

/** A link that a runbook names is opened as from its page. */
function ownLink(hit: PaletteHit): Act[] {
  const path = hit.id;
  return [
    {
      id: "open",
      name: "Open",
      do: async (values) => {
        const run = shownRun();
        const request = { path, address: hit.part, values, ...(run === null ? {} : { run }) };
        const opened = await host().call("runbook_link_open", request);
        toasts.say(opened.recorded ? `${opened.title} opened and recorded.` : `${opened.title} opened.`);
        return DONE;
      },
    },
    go("show", "Show its runbook in Runbooks", { screen: "library", path }),
    go("start", "Start a run of its runbook…", { screen: "start", path }),
  ];
}

function link(hit: PaletteHit): Act[] {
  const open: Act = {
    id: "open",
    name: "Open",
    do: async (values) => {
      const run = shownRun();
      const opened = await host().call("links_open", { links: [hit.id], values, ...(run === null ? {} : { run }) });
      const [first] = opened;
      if (first) toasts.say(first.recorded ? `${first.title} opened and recorded.` : `${first.title} opened.`);
      return DONE;
    },
  };
  const copy: Act = {
    id: "copy",
    name: "Copy its address",
    do: async (values) => {
      const run = shownRun();
      const query = { words: "", pinned: false, values, of_runbook: false, ...(run === null ? {} : { run }) };
      const found = (await host().call("link_list", query)).links.find((one) => one.id === hit.id);
      const refused = found ? found.refused : "it is there no longer";
      if (refused !== null) throw { code: "scheme", message: `Its address cannot be copied: ${refused}.` };
      if (!found?.opens) {
        const missing = found?.missing ?? [];
        throw {
          code: "needs_values",
          message: `A value is needed for ${missing.join(", ")}: nothing was copied.`,
          needs: { placeholders: missing },
        };
      }
      await host().copy(found.opens);
      toasts.say("Address copied.");
      return DONE;
    },
  };
  return [open, copy, go("edit", "Show in Links, to change it", { screen: "links", link: hit.id })];
}

/** The secrets of an entry without the seed of its codes; the one that is meant where nobody names one first. */
export function secretsOf(row: AccessRow): string[] {
  const names = row.secrets.map((secret) => secret.name).filter((name) => name !== SEED);
  const usual = ["password", "token", "text"].find((name) => names.includes(name));
  return usual === undefined ? names : [usual, ...names.filter((name) => name !== usual)];
}

function access(hit: PaletteHit): Act[] {
  return [go("show", "Show in Access", { screen: "access", entry: hit.id })];
}

/** What else can be done with an entry; what it does not have is not offered. */
function ofEntry(row: AccessRow): Act[] {
  const entry = row.name;
  const acts: Act[] = [];
  const add = (id: string, name: string, act: () => Promise<Came>): void => void acts.push({ id, name, do: act });
  const copied = (what: string, call: () => Promise<{ seconds: number }>): (() => Promise<Came>) => {
    return async () => {
      const done = await gate.pass(call);
      if (done === null) return { came: "nothing" };
      toasts.say(`The ${what} of ${entry} is on the clipboard for ${done.value.seconds} s.`);
      return DONE;
    };
  };
  const text = (id: string, what: string, value: string | null): void => {
    if (value === null || value === "") return;
    add(id, `Copy its ${what}`, async () => {
      await host().copy(value);
      toasts.say(`The ${what} of ${entry} is on the clipboard.`);
      return DONE;
    });
  };
  const shown = (field: string): Came => {
    wanted.show(entry, field);
    router.go({ screen: "access", entry });
    return DONE;
  };
  if (row.connects !== null) {
    const live = connections.live(entry).length > 0;
    add("connect", live ? "Go to its terminal" : "Connect", async () => {
      connections.to(entry);
      router.go({ screen: "access", entry });
      return { came: "focus", to: () => connections.shown?.focus() };
    });
  }
  const secrets = secretsOf(row);
  for (const field of secrets)
    add(
      `copy ${field}`,
      `Copy its ${field}`,
      copied(field, () => host().call("access_secret_copy", { entry, field })),
    );
  if (row.secrets.some((secret) => secret.name === SEED)) {
    add(
      "copy code",
      "Copy its one-time code",
      copied("one-time code", () => host().call("access_code_copy", { entry })),
    );
    add("show code", "Show its one-time code", async () => shown(SEED));
  }
  for (const field of secrets) add(`reveal ${field}`, `Reveal its ${field}`, async () => shown(field));
  text("user", "user", row.user);
  text("address", "address", row.address);
  if (isWeb(row) && row.address !== null)
    add("browser", "Open its address in the browser", async () => {
      const address = await host().call("access_open", { entry });
      toasts.say(`${address} opened.`);
      return DONE;
    });
  return acts;
}

function run(hit: PaletteHit): Act[] {
  return [
    go("return", "Return to run", { screen: "run", run: hit.id }),
    go("report", "Its report", { screen: "report", run: hit.id }),
  ];
}

function runbook(path: string): Act[] {
  return [
    go("start", "Start a run…", { screen: "start", path }),
    go("rehearse", "Rehearse…", { screen: "start", path, mode: "rehearse" }),
    go("show", "Show in Runbooks", { screen: "library", path }),
    go("edit", "Edit", { screen: "edit", path }),
    go("runs", "Its runs", { screen: "runs", runbook: path }),
    go("history", "History of its text", { screen: "edit", path, history: true }),
  ];
}

function step(hit: PaletteHit): Act[] {
  const path = hit.id;
  const at: Route = hit.line === null ? { screen: "edit", path } : { screen: "edit", path, line: hit.line };
  return [
    go("go", "Go to it", at),
    go("alone", "Start a run of this step alone…", { screen: "start", path, step: hit.part }),
    go("start", "Start a run of its runbook…", { screen: "start", path }),
    go("rehearse", "Rehearse its runbook…", { screen: "start", path, mode: "rehearse" }),
    go("show", "Show its runbook in Runbooks", { screen: "library", path }),
  ];
}

async function perform(does: Does): Promise<Came> {
  if ("go" in does) router.go(does.go);
  else if ("theme" in does) await settings.setTheme(does.theme);
  else if ("key" in does) return { came: "pressed", key: does.key };
  else if (does.call === "help") return { came: "pressed", key: "?" };
  else if (does.call === "runs") return { came: "pressed", key: "w" };
  else if (does.call === "rescan") {
    await host().call("library_rescan", {});
    await app.refresh();
    toasts.say("The folders of runbooks are read anew.");
  } else {
    await host().call("access_copied_clear", {});
    const open = (await host().call("access_keeper", {})).vault_open;
    if (open) await host().call("access_vault_lock", {});
    toasts.say(open ? "No copied secret is left, and the vault is locked." : "No copied secret is left.");
  }
  return DONE;
}

/** All that can be done with a row, the usual first: of an access entry, what it has now. */
export async function allActsOf(row: Row, actions: readonly WindowAction[]): Promise<Act[]> {
  const acts = actsOf(row, actions);
  if (row.is === "new" || row.hit.kind !== "access") return acts;
  const name = row.hit.id;
  const query = { words: name, group: null, tag: null, kind: null, expires_within: null };
  const found = (await host().call("access_list", query)).entries.find((one) => one.name === name);
  if (found === undefined) throw { code: "not_found", message: `${name} is there no longer.` };
  return [...acts, ...ofEntry(found)];
}

/** What can be done with a row without a look at it; the first by Enter. */
export function actsOf(row: Row, actions: readonly WindowAction[]): Act[] {
  if (row.is === "new") return [go("new", "Write it", { screen: "new", title: row.title })];
  const { hit } = row;
  switch (hit.kind) {
    case "run":
      return run(hit);
    case "runbook":
      return runbook(hit.id);
    case "step":
      return step(hit);
    case "link":
      return hit.part === "" ? link(hit) : ownLink(hit);
    case "access":
      return access(hit);
    case "action": {
      const action = actions.find((one) => one.id === hit.id);
      return action ? [{ id: action.id, name: "Do it", keys: action.keys, do: () => perform(action.does) }] : [];
    }
  }
}

/** What a run's row wears; it may have ended since. */
export function runOf(row: Row): RunSummary | null {
  if (row.is !== "hit" || row.hit.kind !== "run") return null;
  return app.state?.open_runs.find((one) => one.id === row.hit.id) ?? null;
}

export function titleOf(row: Row): string {
  return row.is === "new" ? `New runbook called “${row.title}”` : plain(row.hit.title);
}
