// What there is to say of a folder that a team shares by git.

import type { RecordsMode, RecordsTaken, TeamChange, TeamPullDone, TeamState } from "../bindings/types";
import type { Shape } from "./states";

export const counted = (number: number, one: string, many: string): string =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** What would come: "12 changes, 2 runbooks you use". */
export function coming(state: TeamState): string {
  const changes = counted(state.behind, "change", "changes");
  return state.used > 0 ? `${changes}, ${counted(state.used, "runbook", "runbooks")} you use` : changes;
}

/** Where the branch stands, in one line. */
export function standing(state: TeamState): string {
  if (state.branch === null) return "On no branch";
  if (state.upstream === null) return `${state.branch}, follows nothing`;
  return `${state.branch}, follows ${state.upstream}`;
}

/** How a change is drawn and called. */
export const MARKS: Record<TeamChange, { sign: string; label: string }> = {
  added: { sign: "+", label: "new" },
  changed: { sign: "~", label: "changed" },
  removed: { sign: "−", label: "removed" },
  conflict: { sign: "!", label: "in conflict" },
};

export const MODES: { mode: RecordsMode; name: string; says: string }[] = [
  { mode: "off", name: "Off", says: "None leave this machine, and none of others are taken in." },
  { mode: "named", name: "Runs I name", says: "Those of others come with a pull; yours go when you share them." },
  { mode: "finished", name: "Each that finishes", says: "Each run of this folder is shared when it finishes." },
];

/** What came of a pull, and whether it is good. */
export function pulled(done: TeamPullDone): { shape: Shape; text: string } | null {
  const records = done.records ? taken(done.records) : "";
  if (done.files.what === "conflicts") return null;
  if (done.files.what === "current") {
    const text = records === "" ? "Nothing new was pushed by others." : `No file changed. ${records}`;
    return { shape: done.records?.problem ? "problem" : "passed", text };
  }
  const { commits, files, joined } = done.files;
  const what = `${counted(commits, "commit", "commits")} taken in, ${counted(files.length, "file", "files")} changed`;
  return {
    shape: done.records?.problem ? "problem" : "passed",
    text: `${what}${joined ? ", joined with what was committed here" : ""}. ${records}`.trim(),
  };
}

/** What came of the records of others. */
export function taken(records: RecordsTaken): string {
  const parts: string[] = [];
  if (records.new > 0) parts.push(`${counted(records.new, "run", "runs")} of others taken in.`);
  if (records.longer > 0) parts.push(`${counted(records.longer, "run", "runs")} of others went on.`);
  if (records.refused.length > 0) parts.push(`${counted(records.refused.length, "record", "records")} refused.`);
  if (records.problem !== null) parts.push(`Records of runs: ${records.problem}`);
  return parts.join(" ");
}
