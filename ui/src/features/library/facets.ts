// The words of the filters.

import type { FacetValue, ListSort } from "../../bindings/types";

export const SORTS: { sort: ListSort; descending: boolean; name: string; says: string }[] = [
  { sort: "best", descending: false, name: "Kind, then last run", says: "Sorted by last run" },
  { sort: "title", descending: false, name: "Title", says: "Sorted by title" },
  { sort: "path", descending: false, name: "Path", says: "Sorted by path" },
  { sort: "last_run", descending: true, name: "Last run, latest first", says: "Latest run first" },
  { sort: "last_run", descending: false, name: "Last run, longest ago first", says: "Longest not run first" },
  { sort: "review", descending: false, name: "Review, soonest due first", says: "Soonest review first" },
  { sort: "opened", descending: true, name: "Recently opened", says: "Last opened first" },
];

const PROBLEMS: Record<string, string> = {
  errors: "Any error",
  warnings: "Any warning",
  "front-matter": "Front matter",
  "unclosed-fence": "Unclosed fence",
  attributes: "Attributes",
  "attribute-refused": "Refused attribute",
  "duplicate-name": "Two of one name",
  "unknown-variable": "Unknown variable",
  "unknown-access": "Unknown access entry",
  "bad-expression": "Bad expression",
  "bad-playbook": "Playbook that cannot be run",
  "bad-request": "Request that cannot be sent",
  "secret-in-text": "Secret in the text",
  "dead-link": "Dead link",
  "no-validation": "No verification",
  "no-rollback": "No rollback",
  "no-preconditions": "No preconditions",
  "no-outcome": "No outcome",
  "no-owner": "No owner",
  "no-severity": "No severity",
  "no-responders": "No responders",
  "no-links": "No links",
  "review-overdue": "Review overdue",
  guidance: "Guidance left",
  placeholder: "Placeholder",
  "mixed-prompt": "Commands and output mixed",
  "other-prompt": "For another shell",
  "not-a-command": "Not a command",
  guessed: "Guessed command",
  "no-timeout": "No timeout",
  "unknown-attribute": "Unknown attribute",
  encoding: "Not UTF-8",
};

/** A code of the check, as a person reads it. */
export function problemName(code: string): string {
  return PROBLEMS[code] ?? code.replaceAll("-", " ");
}

/** A value of the review filter. */
export function reviewName(value: string): string {
  return value === "overdue" ? "Overdue" : `Due within ${value} days`;
}

/** How often that value stands there. */
export function countOf(values: readonly FacetValue[], value: string): number {
  return values.find((one) => one.value === value)?.count ?? 0;
}
