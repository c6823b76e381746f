// An item of several hosts: a row for each, those first that need a look.

import type { AttemptView, HostStatus, HostView, ItemProgress } from "../../bindings/types";
import type { Mark } from "../../lib/states";
import { result, withoutName } from "./words";

export interface HostRow {
  name: string;
  status: HostStatus;
  mark: Mark;
  /** The last attempt there, where it has begun. */
  attempt: AttemptView | null;
  /** How it ended there, or that it runs. */
  ended: { says: string; took: string } | null;
  /** Why it did not pass there. */
  why: string;
}

const MARKS: Record<HostStatus, Mark> = {
  waiting: { shape: "pending", label: "Not begun" },
  running: { shape: "running", label: "Running" },
  passed: { shape: "passed", label: "Passed" },
  failed: { shape: "failed", label: "Failed" },
  stopped: { shape: "failed", label: "Stopped" },
  not_reached: { shape: "skipped", label: "Not reached" },
  interrupted: { shape: "interrupted", label: "Interrupted" },
};

/** What needs a look comes first, what is done last. */
const ORDER: readonly HostStatus[] = [
  "failed",
  "stopped",
  "interrupted",
  "running",
  "waiting",
  "not_reached",
  "passed",
];

const BAD: ReadonlySet<HostStatus> = new Set<HostStatus>(["failed", "stopped", "interrupted"]);

/** Whether somebody has to look at it. */
export function needsLook(host: HostView): boolean {
  return BAD.has(host.status);
}

/** The rows of an item, in order; those of one state stay in the order of the runbook. */
export function hostRows(progress: ItemProgress | undefined): HostRow[] {
  const hosts = progress?.hosts ?? [];
  const attempts = new Map((progress?.attempts ?? []).map((attempt) => [attempt.number, attempt]));
  const rows = hosts.map((host): HostRow => {
    const begun = host.status !== "waiting" && host.status !== "not_reached";
    const attempt = host.attempt === undefined ? null : (attempts.get(host.attempt) ?? null);
    const told = begun ? attempt : null;
    return {
      name: host.name,
      status: host.status,
      mark: MARKS[host.status],
      attempt,
      ended: told !== null && told.state !== null ? result(told) : null,
      why: told === null || host.status === "passed" ? "" : withoutName(whyOf(told), host.name),
    };
  });
  return rows.sort((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status));
}

/** What did not hold there; an exit status stands in its own column. */
function whyOf(attempt: AttemptView): string {
  const broken = attempt.expectations.find((one) => !one.holds && !one.expected.startsWith("exit "));
  if (attempt.note !== null) return attempt.note;
  return broken ? `expected ${broken.expected}, got ${broken.observed}` : "";
}

export interface HostCount {
  all: number;
  ended: number;
  passed: number;
  failed: number;
  running: number;
  open: number;
  interrupted: number;
}

export function countOf(hosts: readonly HostView[]): HostCount {
  const of = (...statuses: HostStatus[]): number => hosts.filter((host) => statuses.includes(host.status)).length;
  const [passed, failed] = [of("passed"), of("failed", "stopped")];
  return {
    all: hosts.length,
    ended: passed + failed,
    passed,
    failed,
    running: of("running"),
    open: of("waiting", "not_reached"),
    interrupted: of("interrupted"),
  };
}

/** `14 of 200, 1 failed` while it runs; `passed on 198 of 200, 2 failed` afterwards. */
export function hostWords(hosts: readonly HostView[], running: boolean): string {
  const count = countOf(hosts);
  const said = [running ? `${count.ended} of ${count.all}` : `passed on ${count.passed} of ${count.all}`];
  if (count.failed > 0) said.push(`${count.failed} failed`);
  if (count.interrupted > 0) said.push(`${count.interrupted} nobody knows of`);
  if (!running && count.open > 0) said.push(`${count.open} not begun`);
  return said.join(", ");
}

/** What trying it again does: it goes to those alone on which it has not passed. */
export function againWords(hosts: readonly HostView[]): { what: string; why: string } | null {
  const count = countOf(hosts);
  const left = count.all - count.passed;
  if (count.all === 0 || left === 0) return null;
  const what =
    left === count.failed
      ? `Try again on the ${count.failed === 1 ? "one" : count.failed} that failed`
      : `Try again on the ${left} that have not passed`;
  const why = count.passed === 0 ? "It has passed on none." : `The ${count.passed} on which it passed are left alone.`;
  return { what, why };
}
