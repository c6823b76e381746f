import { expect, test } from "vitest";

import { build, type RunbookSpec } from "./build";
import { MockRun } from "./engine";
import { openLinked } from "./linked";

const step = (title: string, items: RunbookSpec["sections"][number]["steps"]): RunbookSpec => ({
  relative: `${title.toLowerCase()}.md`,
  title,
  sections: [{ phase: "steps", heading: "Steps", steps: items ?? [] }],
});

function two(): { parent: MockRun; books: Map<string, ReturnType<typeof build>>; runs: MockRun[] } {
  const child = build(
    step("Restore", [{ title: "Look", items: [{ id: "look", kind: "check", text: "Look" }] }]),
    "/b",
    1,
    true,
  );
  const linked = { path: child.view.path, title: "Restore", step: null, refused: null };
  const items = [{ id: "restore", kind: "check" as const, text: "Restore", linked }];
  const above = build(step("Failover", [{ title: "Restore", items }]), "/b", 1, true);
  const parent = new MockRun("parent", above, "hand", {}, "mara@desk");
  return { parent, books: new Map([[child.view.path, child]]), runs: [parent] };
}

const fails = (_: string, message: string): Error => new Error(message);

test("a run that is opened for a check ticks it when it has passed, and each shows the other", () => {
  const { parent, books, runs } = two();
  const view = openLinked(runs, books, { run: "parent", item: "restore", values: {} }, fails);
  expect(view.run.parent).toEqual({ run: "parent", item: "restore", title: "Failover" });
  expect(openLinked(runs, books, { run: "parent", item: "restore", values: {} }, fails).run.id).toBe(view.run.id);
  expect(parent.view().linked?.[0]?.state).toBe("waiting");
  runs[1]?.act({ do: "tick", item: "look", note: null });
  expect(parent.progress.get("restore")).toMatchObject({
    status: "passed",
    remark: `passed by run ${view.run.id}`,
    linked: { run: view.run.id, state: "passed" },
  });
});

test("a run that is given up fails its check, and another one can be opened", () => {
  const { parent, books, runs } = two();
  const first = openLinked(runs, books, { run: "parent", item: "restore", values: {} }, fails);
  runs[1]?.act({ do: "abandon", reason: null });
  expect(parent.progress.get("restore")?.status).toBe("failed");
  expect(openLinked(runs, books, { run: "parent", item: "restore", values: {} }, fails).run.id).not.toBe(first.run.id);
});
