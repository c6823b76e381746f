// What a run suggests for its runbook, in words, and the edits to hand to the editor.

import type { Proposal, RunProposals } from "../../bindings/types";
import type { PendingEdits } from "../../lib/pending";
import { dayAndTime, person } from "../../lib/time";

/** Whether it can be put into the text. */
export function applies(proposal: Proposal): boolean {
  return proposal.refused === null && proposal.edits.length > 0;
}

/** The edits of some suggestions, in the order of the text; null where there are none. */
export function edits(found: RunProposals, some: readonly Proposal[]): PendingEdits | null {
  const chosen = some.filter(applies);
  if (found.revision === null || chosen.length === 0) return null;
  return {
    run: found.run,
    revision: found.revision,
    count: chosen.length,
    edits: chosen.flatMap((one) => one.edits).sort((a, b) => a.from - b.from || a.to - b.to),
  };
}

/** `Edited by mara, 22 Nov 03:12: the host was renamed`. */
export function came(proposal: Proposal, now: number): string {
  const did = proposal.kind === "edited" ? "Edited for the run" : "Taken as done";
  const why = proposal.reason.trim() === "" ? "" : `: ${proposal.reason.trim()}`;
  return `${did} by ${person(proposal.actor)}, ${dayAndTime(proposal.at, now)}${why}`;
}

/** Why nothing can be put in: one sentence. */
export function why(proposal: Proposal): string | null {
  if (proposal.refused !== null) return proposal.refused;
  if (proposal.kind === "overridden")
    return "There is no edit for it: look at what was expected and what came, and change the step, its expectation or its limit.";
  return proposal.edits.length === 0 ? "The file says so already." : null;
}
