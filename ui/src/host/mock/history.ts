// The stand-in's history: what it is filtered by, whether records hold, runs that leave and runs that come as files.

import type {
  ApiError,
  HandedFile,
  HandOverRun,
  OutputSpace,
  RunFacets,
  RunFileView,
  RunSummary,
  SaveRunbook,
  SpaceQuery,
  TakenRun,
  TakeRun,
  Verdict,
} from "../../bindings/types";
import type { MockRun } from "./engine";

interface House {
  runs: () => readonly MockRun[];
  find: (run: string) => MockRun;
  actor: string;
}

const EVENTS = 38;
/** Where runs were handed over. */
const files = new WeakMap<MockRun, string>();

function counted(values: readonly string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}

function refused(message: string): ApiError {
  return { code: "bad_input", message };
}

/** Handlers of what the history asks for. Files with "tampered" in their names do not hold; "known" ones are here. */
export function historyHandlers(house: House) {
  const looked = (request: TakeRun): RunFileView => {
    const run = house.runs().find((one) => one.state === "paused") ?? house.runs()[0];
    if (run === undefined || /tampered/.test(request.path))
      throw refused(
        `${request.path} is not taken in: event 12: its hash is not that of what it says and of the event before.`,
      );
    const view = run.view();
    const known = /known/.test(request.path);
    const parted = /parted/.test(request.path);
    const missing = /missing/.test(request.path) && request.runbook === undefined;
    const place = missing || known || parted ? null : (request.runbook ?? view.run.runbook);
    return {
      run: "019aad02d07be8035ac1d64f0288a3e8",
      title: view.run.title,
      runbook: "/home/jonas/runbooks/move-broker.md",
      revision: view.run.revision,
      state: "handed_over",
      mode: "hand",
      environment: "prod",
      started_by: "jonas@lisbon",
      started_at: view.run.started_at,
      last_by: "jonas@lisbon",
      last_at: view.run.started_at,
      to: "mara",
      note: "broker-b is promoted and follows. The poolers still point at broker-a; my shift is over.",
      done: view.run.done,
      total: view.run.total,
      left: view.runbook.sections.flatMap((section) => section.steps.map((step) => step.title)).slice(-4),
      events: EVENTS,
      known: parted ? "parted" : known ? "known" : "new",
      new_events: known || parted ? 0 : EVENTS,
      files: place === null ? [] : [{ path: place, trusted: true, same: true }],
      place,
      refused: parted
        ? "Run 019aad02d07be8035ac1d64f0288a3e8 went on here and elsewhere: the two records part, and neither is taken into the other."
        : known
          ? "Run 019aad02d07be8035ac1d64f0288a3e8 is here already, and nothing of the file is new."
          : missing
            ? `"${view.run.title}" is in no folder here: save the runbook of this run into a folder that is trusted, read it, and take the run in with that.`
            : null,
    };
  };
  return {
    run_facets: (): RunFacets => {
      const all = house.runs().map((run) => run.summary());
      const titles = new Map(all.map((run) => [run.runbook, run.title]));
      return {
        environments: counted(all.flatMap((run) => run.environment ?? [])),
        people: counted(all.map((run) => run.actor)),
        runbooks: counted(all.map((run) => run.runbook)).map(({ value, count }) => ({
          path: value,
          title: titles.get(value) ?? value,
          count,
        })),
      };
    },
    output_space: ({ days }: SpaceQuery): OutputSpace => {
      const due = days !== undefined && days < 90;
      return {
        bytes: 1_482_000_000,
        runs: house.runs().length,
        due_bytes: due ? 911_000_000 : 0,
        due_runs: due ? 21 : 0,
        removed_bytes: 0,
      };
    },
    run_verify: ({ run }: { run: string }): Verdict => {
      const found = house.find(run);
      const holds = found.state !== "failed";
      return {
        run: found.id,
        holds,
        events: found.timeline.length,
        seq: holds ? null : 44,
        ...(holds ? { last_hash: "9f2c41d07be8035ac1d64f0288a3e8a19f2c41d07be8035ac1d64f0288a3e8a1" } : {}),
        sentence: holds
          ? `${found.timeline.length} events, the chain is unbroken.`
          : "Event 44 does not hold: its bytes are not those that were written.",
      };
    },
    run_hand_over: ({ run, to, note, path }: HandOverRun): RunSummary => {
      const found = house.find(run);
      if (found.state === "running")
        throw { code: "state", message: `Run ${found.id} is running: put it aside before it is written.` };
      if (to !== undefined) {
        found.handOver(to, note);
        files.set(found, path);
      }
      return found.summary();
    },
    run_handed_file: ({ run }: { run: string }): HandedFile | null => {
      const path = files.get(house.find(run));
      return path === undefined ? null : { path, there: true };
    },
    run_take_look: looked,
    run_take_runbook: ({ to }: SaveRunbook): null => {
      if (/taken/.test(to)) throw { code: "file", message: `${to} is there already: choose another name.` };
      return null;
    },
    run_take: (request: TakeRun): TakenRun => {
      const view = looked(request);
      if (view.refused !== null) throw refused(view.refused);
      const run = house.runs().find((one) => one.state === "paused") ?? house.runs()[0];
      if (run === undefined) throw refused("There is no run.");
      return { run: run.summary(), events: view.events, known: false, missing: null, differs: false };
    },
  };
}
