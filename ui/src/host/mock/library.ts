// What the stand-in answers about the library as a list. It filters in memory; the real one asks its store.

import type {
  Converted,
  ConvertTo,
  Facets,
  FacetValue,
  Imported,
  ImportPlan,
  ListPage,
  ListQuery,
  MovePlan,
  RunbookRow,
} from "../../bindings/types";

type Wanted = (row: RunbookRow) => boolean;
type Filter = keyof Pick<ListQuery, "folder" | "kind" | "tag" | "owner" | "severity" | "review" | "problem" | "pinned">;

function wanted(query: ListQuery): Record<Filter, Wanted> {
  const due = (row: RunbookRow): number => row.review_days ?? Infinity;
  return {
    folder: (row) => query.folder === null || row.relative.startsWith(`${query.folder}/`),
    kind: (row) => query.kind === null || (row.kind ?? "none") === query.kind,
    tag: (row) => query.tag === null || row.tags.includes(query.tag),
    owner: (row) => query.owner === null || row.owner === query.owner,
    severity: (row) => query.severity === null || row.severity === query.severity,
    review: (row) =>
      query.review === null || (query.review === "overdue" ? due(row) < 0 : due(row) <= Number(query.review)),
    problem: (row) => query.problem === null || problems(row).includes(query.problem),
    pinned: (row) => !query.pinned || row.pinned,
  };
}

function problems(row: RunbookRow): string[] {
  return [
    ...(row.errors > 0 ? ["errors"] : []),
    ...(row.warnings > 0 ? ["warnings"] : []),
    ...(row.no_rollback ? ["no-rollback"] : []),
  ];
}

function count(values: string[]): FacetValue[] {
  const found = new Map<string, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return [...found].map(([value, times]) => ({ value, count: times })).sort((a, b) => b.count - a.count);
}

const RANK = ["incident", "routine", null];
const lastRun = (row: RunbookRow): string => row.last_runs[0]?.started_at ?? "";

const ORDER: Record<ListQuery["sort"], (a: RunbookRow, b: RunbookRow) => number> = {
  best: (a, b) =>
    RANK.indexOf(a.kind) - RANK.indexOf(b.kind) ||
    lastRun(b).localeCompare(lastRun(a)) ||
    a.title.localeCompare(b.title),
  title: (a, b) => a.title.localeCompare(b.title),
  path: (a, b) => a.relative.localeCompare(b.relative),
  last_run: (a, b) => lastRun(a).localeCompare(lastRun(b)),
  review: (a, b) => (a.review_days ?? Infinity) - (b.review_days ?? Infinity),
  opened: (a, b) => a.title.localeCompare(b.title),
};

/** A page of the rows that match the words already. */
export function listPage(rows: RunbookRow[], query: ListQuery, all: number): ListPage {
  const filters = wanted(query);
  const names = Object.keys(filters) as Filter[];
  const under = (without: Filter | null): RunbookRow[] =>
    rows.filter((row) => names.every((name) => name === without || filters[name](row)));
  const found = under(null);
  if (query.words === "" || query.sort !== "best") found.sort(ORDER[query.sort]);
  if (query.descending) found.reverse();
  const review = under("review");
  const facets: Facets = {
    kinds: count(under("kind").map((row) => row.kind ?? "none")),
    tags: count(under("tag").flatMap((row) => row.tags)),
    owners: count(under("owner").flatMap((row) => row.owner ?? [])),
    severities: count(under("severity").flatMap((row) => row.severity ?? [])),
    review: ["overdue", "7", "30", "90"].map((value) => ({
      value,
      count: review.filter(wanted({ ...query, review: value }).review).length,
    })),
    problems: count(under("problem").flatMap(problems)),
    folders: count(
      under("folder").flatMap((row) => (row.relative.includes("/") ? (row.relative.split("/")[0] ?? []) : [])),
    ),
    pinned: under("pinned").filter((row) => row.pinned).length,
  };
  return {
    rows: found.slice(query.offset, query.offset + query.limit),
    total: found.length,
    all,
    facets,
    corrected: [],
    cut: false,
  };
}

/** What renaming would change in a library where two runbooks point at each. */
export function movePlan(path: string, relative: string, to: string, taken: (path: string) => boolean): MovePlan {
  const target = path.slice(0, path.length - relative.length) + to;
  return {
    path: target,
    links: [
      { value: "handover/weekly.md", count: 2 },
      { value: "onboarding/first-week.md", count: 1 },
    ],
    refused: taken(target) ? `There is a file ${to} already: choose another name.` : null,
  };
}

export const importPlan: ImportPlan = {
  files: ["README.md", "alerts/disk-full.md", "alerts/lag.md", "deploy/rollout.md"],
  runbooks: 4,
  others: 1,
  same: ["README.md"],
  renamed: [["deploy/rollout.md", "deploy/rollout-2.md"]],
  refused: [],
  formats: [
    {
      file: "README.md",
      format: "xc",
      converted: false,
      differences: [
        {
          place: "",
          sentence:
            "`xc TASK` runs the one that is named; here the path leads through all of them, in the order of the file. One alone: `allgood run FILE --step NAME`.",
        },
        {
          place: "line 12",
          sentence:
            "xc sets `STAGE=prod` for this task; here write it under `env:` in the front matter, or be asked for it.",
        },
      ],
    },
  ],
};

export const imported: Imported = {
  written: ["alerts/disk-full.md", "alerts/lag.md", "deploy/rollout-2.md"],
  refused: [],
  formats: [],
};

/** A runbook as a CACAO playbook, or one that came of it. */
export function converted(title: string, to: ConvertTo): Converted {
  return {
    format: "runbook",
    to,
    file_name: `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.${to === "cacao" ? "json" : "md"}`,
    text: JSON.stringify({ type: "playbook", spec_version: "cacao-2.0", name: title }),
    differences: [
      { place: "Clean up", sentence: "`confirm` has no place in a playbook; it stands in the step's description." },
      {
        place: "",
        sentence: "where the secrets `TOKEN` are kept was not given away: whoever runs the playbook gives them.",
      },
    ],
  };
}
