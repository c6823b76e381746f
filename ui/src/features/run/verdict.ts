// What a run came to, in a title and a sentence of facts.

import type { RunView } from "../../bindings/types";
import { between, clock, rough } from "../../lib/time";
import { isOver } from "../../lib/states";
import { progressOf } from "../../components/page/model";
import { usualRun } from "../../components/page/usual";
import { cameTo } from "../../components/page/undoing";

export interface Verdict {
  title: string;
  sentence: string;
}

/** Null while the run is under way. */
export function verdict(view: RunView): Verdict | null {
  const { run } = view;
  if (run.state === "interrupted") {
    return {
      title: "Cut off",
      sentence: `The process that drove this run is gone; what it had kept is below. ${counted(run.done, run.total)}${at(run.step)}`,
    };
  }
  if (!isOver(run.state) || (run.state === "failed" && run.live)) return null;
  const took = between(run.started_at, run.ended_at);
  const usual = usualRun(view.usual);
  const time = took === null ? "" : ` in ${clock(took)}${usual === null ? "" : `, usual ${rough(usual)}`}`;
  const skipped = view.progress.filter((item) => item.status === "skipped").length;
  const overridden = view.progress.filter((item) => item.status === "overridden").length;
  // Left out after it had failed: no less an exception than what was taken as done.
  const letGo = view.progress.some((item) => item.status === "skipped" && item.attempts.at(-1)?.state === "failed");
  const more = [
    run.rescued ? "A failure was rescued on the way." : "",
    skipped > 0 ? `${skipped} skipped.` : "",
    overridden > 0 ? `${overridden} taken as done.` : "",
    run.mode === "rehearse" ? "It was a rehearsal: nothing was executed." : "",
  ]
    .filter(Boolean)
    .join(" ");
  const facts = (words: string): string => `${words}${time}. ${counted(run.done, run.total)} ${more}`.trim();
  switch (run.state) {
    case "passed":
      // Whoever reads the title alone must not take a person's word for what the machine saw.
      return { title: overridden > 0 || letGo ? "Passed, with exceptions" : "All good", sentence: facts("Passed") };
    case "failed":
      return { title: "Failed", sentence: `${facts("Failed")}${at(run.step)}` };
    case "rolled_back":
      // How far it had come says nothing once it is undone.
      return {
        title: "Rolled back",
        sentence: [`Rolled back${time}.`, cameTo(view.rollback, progressOf(view)), more].filter(Boolean).join(" "),
      };
    case "abandoned": {
      const reason = said(view, "run_finished");
      const why = reason === null || reason === "abandoned" ? "" : ` The reason: “${reason}”.`;
      return { title: "Abandoned", sentence: `${facts("Abandoned")}${why}` };
    }
    default: {
      const to = said(view, "handed_over");
      return { title: "Handed over", sentence: facts(to === null ? "Handed over" : `Handed over to ${to}`) };
    }
  }
}

/** What the last event of that kind says. */
function said(view: RunView, kind: string): string | null {
  return view.timeline.findLast((entry) => entry.kind === kind)?.text ?? null;
}

function counted(done: number, total: number): string {
  return `${done} of ${total} done.`;
}

function at(step: string | null): string {
  return step === null ? "" : ` It stood at “${step}”.`;
}
