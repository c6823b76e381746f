// A runbook of which another one is a part, for the stand-in host.

import type { ParamView } from "../../bindings/types";
import type { RunbookSpec } from "./build";

function param(name: string, prompt: string, more: Partial<ParamView> = {}): ParamView {
  return { name, prompt, default: null, choices: [], pattern: null, required: true, secret: false, ...more };
}

/** A runbook of which another one is a part, and the one that it is a part of: what it asks for beside that stands there. */
export const restore: RunbookSpec = {
  relative: "databases/orders/restore.md",
  title: "Restore the orders database",
  kind: "routine",
  owner: "Data",
  params: [
    param("REGION", "Where it stands", { choices: ["eu-1", "us-1"] }),
    param("SNAPSHOT", "Which snapshot", { pattern: "snap-\\d+" }),
    param("TOKEN", "Token of the storage", { secret: true }),
  ],
  sections: [
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        { title: "Look", items: ["The snapshot is complete"] },
        { title: "Copy", items: [{ id: "copy", script: "./restore", play: { lines: ["412 tables"], takes: 800 } }] },
      ],
    },
  ],
};
export const failover: RunbookSpec = {
  relative: "databases/orders/failover.md",
  title: "Fail over the orders database",
  kind: "routine",
  owner: "Data",
  params: [param("REGION", "Where it stands", { default: "mars" })],
  sections: [
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        {
          title: "Restore",
          items: [
            {
              id: "restore",
              kind: "check",
              text: "Restore the orders database",
              linked: {
                path: "/home/mara/runbooks/databases/orders/restore.md",
                title: "Restore the orders database",
                step: null,
                refused: null,
              },
            },
            {
              id: "again",
              kind: "check",
              text: "Fail over once more",
              linked: {
                path: "/home/mara/runbooks/databases/orders/failover.md",
                title: "Fail over the orders database",
                step: null,
                refused: "failover.md leads back to itself: a runbook cannot be a part of itself.",
              },
            },
          ],
        },
        { title: "Tell them", items: [{ id: "tell", kind: "message", text: "Orders are back since <time>." }] },
      ],
    },
  ],
};
