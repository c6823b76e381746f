// What a pretended run would need before it starts.

import type { ItemView, PrepareRun, RunPreparation } from "../../bindings/types";
import { wrong } from "../../components/start/params";
import type { Built } from "./build";
import { usualOf } from "./learning";

/** A past run, as far as it matters here. */
interface Before {
  readonly id: string;
  readonly started: string;
  readonly mode: string;
  readonly parameters: Record<string, string>;
  readonly environment: { name: string } | null;
}

/** Tools that this pretended machine has not got. */
const MISSING: ReadonlySet<string> = new Set(["rabbitmqadmin", "repmgr", "pigz"]);
const BUILTINS: ReadonlySet<string> = new Set([
  "echo",
  "cd",
  "test",
  "export",
  "set",
  "if",
  "for",
  "while",
  "true",
  "printf",
]);

/** The first words of a script's lines: enough for a stand-in. */
function called(script: string): string[] {
  const words = script.split(/\n|&&|\|\|?|;/).flatMap((line) => /^\s*([a-z][\w.-]*)\b(?!=)/.exec(line)?.[1] ?? []);
  return [...new Set(words)].filter((word) => !BUILTINS.has(word));
}

/** Where items run that do not run here. Each can be reached. */
function targetsOf(items: readonly ItemView[]): RunPreparation["targets"] {
  const found = new Map<string, string[]>();
  for (const { id, on } of items) if (on !== undefined) found.set(on, [...(found.get(on) ?? []), id]);
  return [...found].map(([target, items]) => ({ target, items, problem: null, asks: false, vault_locked: false }));
}

export function prepared(
  built: Built,
  { environment, values, step: alone }: PrepareRun,
  runs: readonly Before[],
): RunPreparation {
  const { view } = built;
  const steps = view.sections
    .flatMap((section) => (section.phase === "reference" || section.phase === "rollback" ? [] : section.steps))
    .filter((step) => alone === undefined || step.title === alone);
  const path = steps.flatMap((step) => step.items).flatMap((id) => view.items[id] ?? []);
  const tools = new Map<string, string[]>();
  for (const item of path) {
    if (item.kind === "check" || item.kind === "message") continue;
    for (const name of called(item.script)) tools.set(name, [...(tools.get(name) ?? []), item.id]);
  }
  const before = runs
    .filter((run) => (run.environment?.name ?? "") === (environment ?? "") && run.mode !== "rehearse")
    .sort((a, b) => b.started.localeCompare(a.started))[0];
  const open = view.params.filter((param) => !param.secret);
  const onPath = path.filter((item) => item.on_path);
  return structuredClone({
    path: view.path,
    revision: view.revision,
    environment: view.environments.find((one) => one.name === environment) ?? null,
    remembered: before
      ? {
          run: before.id,
          started_at: before.started,
          values: Object.fromEntries(
            open.flatMap(({ name }) => {
              const value = before.parameters[name];
              return value === undefined || value === "" ? [] : [[name, value]];
            }),
          ),
        }
      : null,
    unfit: wrong(
      view.params.filter((param) => (values[param.name] ?? "") !== ""),
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? ""])),
    ),
    access: [],
    targets: targetsOf(onPath),
    tools: [...tools].map(([name, items]) => ({ name, items, path: MISSING.has(name) ? null : `/usr/bin/${name}` })),
    tools_uncertain: false,
    asked: onPath.flatMap((item) => [
      ...item.placeholders.map((name) => ({ item: item.id, kind: "placeholder" as const, name })),
      ...item.doubts.map((name) => ({ item: item.id, kind: "doubt" as const, name })),
      ...item.variables.map((name) => ({ item: item.id, kind: "variable" as const, name })),
    ]),
    way_back: steps
      .filter((step) => step.can_undo || step.no_return || step.items.some((id) => view.items[id]?.kind === "command"))
      .map((step) => ({
        step: step.id,
        title: step.title,
        number: step.number,
        way: step.no_return ? ("by_hand" as const) : step.can_undo ? ("undo" as const) : ("unsaid" as const),
      })),
    rollback_phase: view.sections.some((section) => section.phase === "rollback"),
    needs_person: onPath.filter((item) => ["check", "message"].includes(item.kind) || item.guessed || item.confirm)
      .length,
    items: onPath.length,
    usual: usualOf(built),
    review_due: view.reviewed,
    review_days: view.reviewed === null ? null : -12,
    git:
      view.library === null
        ? null
        : { root: "/home/mara/runbooks", branch: "main", state: "clean", ahead: 0, behind: 0 },
  });
}
