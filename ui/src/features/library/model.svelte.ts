// The list of runbooks as far as it has been looked at: a page at a time, because a library may hold a hundred thousand.

import type { Facets, ListPage, ListQuery, ListSort, RunbookRow } from "../../bindings/types";
import { apiError, host } from "../../host";
import type { Route } from "../../lib/route.svelte";
import type { Group } from "./layout";
import { Search } from "./search";

/** Rows asked for at once. */
export const PAGE = 200;

export type Filters = Pick<
  ListQuery,
  "library" | "folder" | "kind" | "tag" | "owner" | "severity" | "review" | "problem" | "pinned" | "sort" | "descending"
>;

export const NO_FILTERS: Filters = {
  library: null,
  folder: null,
  kind: null,
  tag: null,
  owner: null,
  severity: null,
  review: null,
  problem: null,
  pinned: false,
  sort: "best",
  descending: false,
};

const NO_FACETS: Facets = {
  kinds: [],
  tags: [],
  owners: [],
  severities: [],
  review: [],
  problems: [],
  folders: [],
  pinned: 0,
};

export const KINDS = [
  ["incident", "Incident"],
  ["routine", "Routine"],
  ["none", "Other"],
] as const;

export class LibraryList {
  filters = $state.raw<Filters>(NO_FILTERS);
  words = $state("");
  /** The words that what is shown was searched for. */
  shown = $state("");
  rows = $state.raw<ReadonlyMap<number, RunbookRow>>(new Map());
  total = $state(0);
  all = $state(0);
  facets = $state.raw<Facets>(NO_FACETS);
  corrected = $state.raw<ListPage["corrected"]>([]);
  /** Whether anything was answered yet. */
  loaded = $state(false);
  failure = $state<string | null>(null);
  selected = $state<string | null>(null);

  /** The runbook that the address named, until the first answer. */
  private named: string | null = null;
  private asking = new Set<number>();
  private turn = 0;
  private fresh = true;
  private first = 0;
  private readonly search = new Search<ListPage>(
    () => this.ask(this.first, true),
    (page, words) => this.take(page, words),
    (error) => {
      this.failure = apiError(error).message;
    },
  );

  /** Whether anything narrows the list, the words aside. */
  get filtered(): boolean {
    const { filters } = this;
    return (
      filters.pinned ||
      [filters.library, filters.folder, filters.kind, filters.tag].some((one) => one !== null) ||
      [filters.owner, filters.severity, filters.review, filters.problem].some((one) => one !== null)
    );
  }

  /** The headings between the rows: only where kinds decide the order. */
  get groups(): Group[] {
    if (this.shown !== "" || this.filters.sort !== "best") return [];
    return KINDS.filter(([kind]) => this.filters.kind === null || this.filters.kind === kind).map(([kind, name]) => ({
      name,
      count: this.facets.kinds.find((one) => one.value === kind)?.count ?? 0,
    }));
  }

  /** Where the selected row stands; -1 when it is not among what was read. */
  get at(): number {
    for (const [index, row] of this.rows) if (row.path === this.selected) return index;
    return -1;
  }

  typed(words: string): void {
    this.words = words;
    this.begin();
    this.search.typed(words);
  }

  filter(change: Partial<Filters>): Promise<void> {
    this.filters = { ...this.filters, ...change };
    this.begin();
    return this.search.now(this.words);
  }

  sort(sort: ListSort, descending = false): Promise<void> {
    return this.filter({ sort, descending });
  }

  clear(): Promise<void> {
    this.words = "";
    const { sort, descending } = this.filters;
    return this.filter({ ...NO_FILTERS, sort, descending });
  }

  /** Reads again what is looked at; rows and selection stay where they are. */
  refresh(from = 0): Promise<void> {
    this.first = Math.floor(from / PAGE) * PAGE;
    return this.search.now(this.words);
  }

  /** Reads the rows `[from, to)` unless they are there. */
  need(from: number, to: number): void {
    if (!this.loaded || this.failure !== null) return;
    for (let page = Math.floor(from / PAGE) * PAGE; page < Math.min(to, this.total); page += PAGE) {
      if (this.rows.has(page) || this.asking.has(page)) continue;
      this.asking.add(page);
      const turn = this.turn;
      this.ask(page)
        .then((answer) => {
          if (turn === this.turn) this.keep(answer.rows, page);
        })
        .catch((error: unknown) => {
          if (turn === this.turn) this.failure = apiError(error).message;
        })
        .finally(() => this.asking.delete(page));
    }
  }

  /** Selects the row there, which is read first where it has to be. */
  async select(index: number): Promise<void> {
    if (this.total === 0) return;
    const at = Math.max(0, Math.min(this.total - 1, index));
    if (!this.rows.has(at)) {
      const turn = this.turn;
      const page = Math.floor(at / PAGE) * PAGE;
      const answer = await this.ask(page);
      if (turn !== this.turn) return;
      this.keep(answer.rows, page);
    }
    this.selected = this.rows.get(at)?.path ?? this.selected;
  }

  /** Selects the runbook that the address names, whether or not it stands among what was read. */
  follow(route: Route): void {
    if (route.screen !== "library" || route.path === undefined) return;
    this.named = route.path;
    if (this.loaded) this.selected = route.path;
  }

  stop(): void {
    this.search.stop();
    this.turn += 1;
  }

  private begin(): void {
    this.first = 0;
    this.fresh = true;
  }

  private ask(offset: number, quick = false): Promise<ListPage> {
    return host().call("library_list", { ...this.filters, words: this.words.trim(), offset, limit: PAGE, quick });
  }

  /** Asks for all of what was answered in part, unless something else is looked for by then. */
  private async whole(words: string): Promise<void> {
    const turn = this.turn;
    try {
      const page = await this.ask(this.first);
      if (turn === this.turn && words === this.words) this.take(page, words);
    } catch (error) {
      if (turn === this.turn) this.failure = apiError(error).message;
    }
  }

  private take(page: ListPage, words: string): void {
    this.turn += 1;
    this.asking.clear();
    this.failure = null;
    this.loaded = true;
    this.shown = words.trim();
    this.total = page.total;
    this.all = page.all;
    // Of an answer that was cut to be there at once the counts may be missing: those before stay until all is known.
    if (page.cut) void this.whole(words);
    else this.facets = page.facets;
    this.corrected = page.corrected;
    const before = this.at;
    this.rows = new Map(page.rows.map((row, index) => [this.first + index, row]));
    const gone = this.selected === null || !page.rows.some((row) => row.path === this.selected);
    if (this.fresh && this.named !== null) {
      this.selected = this.named;
      this.named = null;
      this.fresh = false;
      return;
    }
    // Another question begins at its first answer; the same question keeps its place.
    if (this.fresh && gone) this.selected = page.rows[0]?.path ?? null;
    else if (gone && before >= this.first && before < this.first + Math.max(page.rows.length, PAGE)) {
      this.selected = page.rows[Math.min(before - this.first, page.rows.length - 1)]?.path ?? null;
    }
    this.fresh = false;
  }

  private keep(rows: readonly RunbookRow[], offset: number): void {
    const next = new Map(this.rows);
    rows.forEach((row, index) => next.set(offset + index, row));
    this.rows = next;
  }
}
