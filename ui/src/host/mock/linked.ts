// Runs that are opened for checks of other runs, on the stand-in host: enough for the screens to behave.

import type { LinkedState, OpenLinked, RunStatus, RunView } from "../../bindings/types";
import { wrong } from "../../components/start/params";
import type { Built } from "./build";
import { MockRun } from "./engine";
import { newItem } from "./filled";

const ENDS: Partial<Record<RunStatus, LinkedState>> = {
  passed: "passed",
  failed: "failed",
  abandoned: "abandoned",
  rolled_back: "rolled_back",
};

/** What went wrong, as the host says it. */
type Problem = (code: "state" | "not_found" | "bad_input", message: string) => unknown;

/** Opens a run for a check, or gives the one that is under way for it. */
export function openLinked(
  runs: MockRun[],
  books: ReadonlyMap<string, Built>,
  { run, item, values: given }: OpenLinked,
  problem: Problem,
): RunView {
  const parent = runs.find((one) => one.id === run);
  if (!parent) throw problem("not_found", `There is no run ${run}.`);
  const linked = parent.built.view.items[item]?.linked;
  const built = linked && books.get(linked.path);
  if (!built) throw problem("state", `"${item}" stands for no runbook: tick it, when it holds.`);
  if (linked.refused !== null) throw problem("state", linked.refused);
  const progress = parent.progress.get(item) ?? newItem(item);
  const known = progress.linked?.state === "opened" ? runs.find((one) => one.id === progress.linked?.run) : undefined;
  if (known) return known.view();
  const values = { ...fitting(built, parent.parameters), ...given };
  const missing = built.view.params.filter((param) => param.required && !values[param.name] && param.default === null);
  if (missing.length > 0) {
    const variables = missing.map((param) => param.name);
    throw {
      code: "needs_values",
      message: `${built.view.title} needs values before it can start: ${variables.join(", ")}.`,
      needs: { placeholders: [], doubts: [], variables },
    };
  }
  const [unfit] = Object.values(wrong(built.view.params, values));
  if (unfit !== undefined) throw problem("bad_input", unfit);
  const id = `019aad${String(runs.length).padStart(26, "0")}`;
  const child = new MockRun(id, built, parent.mode, values, parent.actor);
  parent.progress.set(item, { ...progress, status: "waiting", linked: { run: id, state: "opened" } });
  relate(parent, item, child);
  runs.push(child);
  return child.view();
}

/** What a run hands on to one of its checks: values of the same names that fit there. */
function fitting(built: Built, known: Record<string, string>): { [name: string]: string } {
  const params = built.view.params.filter((param) => (known[param.name] ?? "") !== "");
  const unfit = wrong(params, known);
  return Object.fromEntries(params.flatMap(({ name }) => (name in unfit ? [] : [[name, known[name] ?? ""] as const])));
}

/** Each of two runs shows the other, and the check follows how its run ends. */
function relate(parent: MockRun, item: string, child: MockRun): void {
  const own = child.summary.bind(child);
  child.summary = () => ({ ...own(), parent: { run: parent.id, item, title: parent.built.view.title } });
  const seen = parent.view.bind(parent);
  parent.view = () => ({
    ...seen(),
    linked: [...(seen().linked ?? []).filter((one) => one.id !== child.id), child.summary()],
  });
  child.listeners.add({
    output: () => {},
    update: () => {
      parent.childStands(child.summary());
      const state = ENDS[child.state];
      const progress = parent.progress.get(item);
      if (!state || progress?.linked?.run !== child.id || progress.linked.state === state) return;
      parent.progress.set(item, { ...progress, linked: { run: child.id, state } });
      if (state === "passed") parent.act({ do: "tick", item, note: `passed by run ${child.id}` });
      else parent.act({ do: "fail", item, note: `run ${child.id} ended: ${state.replace("_", " ")}` });
    },
  });
}
