// What can be done with a hit: the first by Enter, the others behind Tab. Each goes through the same door as the screen where it is
// done otherwise.

import type { AccessRow, PaletteHit, RunSummary } from "../../bindings/types";
import { host } from "../../host";
import { app } from "../../lib/app.svelte";
import { gate } from "../../lib/gate.svelte";
import { plain } from "../../lib/marked";
import { router, type Route } from "../../lib/route.svelte";
import { settings } from "../../lib/theme.svelte";
import { toasts } from "../../lib/toasts.svelte";
import type { Does, WindowAction } from "./actions";
import type { Row } from "./rows";

/** What came of it: done, thought better of, or values that a link needs first. */
export type Came = { came: "done" } | { came: "nothing" } | { came: "pressed"; key: string };

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

/** The secret that is meant where nobody names one: not the seed of codes, which is no secret to type. */
export function secretOf(row: AccessRow): string | null {
  const names = row.secrets.map((secret) => secret.name).filter((name) => name !== "totp");
  return ["password", "token", "text"].find((name) => names.includes(name)) ?? (names.length === 1 ? names[0]! : null);
}

function access(hit: PaletteHit): Act[] {
  const entry = hit.id;
  const row = (): Promise<AccessRow> => host().call("access_view", { entry });
  const copied = async (text: string | null, what: string): Promise<Came> => {
    if (text === null || text === "") throw { code: "not_found", message: `${entry} has no ${what}.` };
    await host().copy(text);
    toasts.say(`The ${what} of ${entry} is on the clipboard.`);
    return DONE;
  };
  return [
    go("show", "Show in Access", { screen: "access", entry }),
    {
      id: "secret",
      name: "Copy its secret",
      do: async () => {
        const field = secretOf(await row());
        if (field === null)
          throw { code: "not_found", message: `${entry} has no one secret that is meant: choose it in Access.` };
        const done = await gate.pass(() => host().call("access_secret_copy", { entry, field }));
        if (done === null) return { came: "nothing" };
        toasts.say(`The ${field} of ${entry} is on the clipboard for ${done.value.seconds} s.`);
        return DONE;
      },
    },
    { id: "user", name: "Copy its user", do: async () => copied((await row()).user, "user") },
    { id: "address", name: "Copy its address", do: async () => copied((await row()).address, "address") },
    {
      id: "browser",
      name: "Open its address in the browser",
      do: async () => {
        const address = await host().call("access_open", { entry });
        toasts.say(`${address} opened.`);
        return DONE;
      },
    },
  ];
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
  ];
}

function step(hit: PaletteHit): Act[] {
  const path = hit.id;
  const at: Route = hit.line === null ? { screen: "edit", path } : { screen: "edit", path, line: hit.line };
  return [
    go("go", "Go to it", at),
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

/** What can be done with a row, the usual first. */
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
      return link(hit);
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
