// A folder in git as it stands, and what is done with it. One thing at a time: git locks the repository as well.

import type {
  Comparison,
  Decision,
  RecordsMode,
  TeamConflict,
  TeamFile,
  TeamState,
  TeamSuggestion,
} from "../../bindings/types";
import { apiError, host } from "../../host";
import type { Shape } from "../../lib/states";
import { counted, pulled } from "../../lib/team";

export type Doing = "fetch" | "pull" | "commit" | "push" | "records";
/** A file that is shown: what is not committed of it, or what would come. */
export interface Shown {
  file: TeamFile;
  incoming: boolean;
}

export class Team {
  state = $state.raw<TeamState | null>(null);
  failure = $state<string | null>(null);
  doing = $state<Doing | null>(null);
  /** What came of the last thing that was done. */
  said = $state.raw<{ shape: Shape; text: string } | null>(null);
  conflicts = $state.raw<{ between: string; files: TeamConflict[] } | null>(null);
  shown = $state.raw<Shown | null>(null);
  comparison = $state.raw<Comparison | null>(null);
  comparisonFailure = $state<string | null>(null);
  /** Files that would be committed, by path. */
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  suggestion = $state.raw<TeamSuggestion | null>(null);
  private known: ReadonlySet<string> = new Set();

  constructor(readonly library: number) {}

  get rows(): Shown[] {
    const { incoming = [], changes = [] } = this.state ?? {};
    return [
      ...incoming.map((file) => ({ file, incoming: true })),
      ...changes.map((file) => ({ file, incoming: false })),
    ];
  }

  async load(): Promise<void> {
    try {
      this.take(await host().call("team_state", { id: this.library }));
      this.failure = null;
    } catch (error) {
      this.failure = apiError(error).message;
    }
  }

  private take(state: TeamState): void {
    const paths = new Set(state.changes.map((file) => file.path));
    // What is new is chosen; what a person left out stays out.
    this.chosen = new Set([...paths].filter((path) => this.chosen.has(path) || !this.known.has(path)));
    this.known = paths;
    this.state = state;
    const rows = this.rows;
    const shown = this.shown;
    const same = rows.find((row) => row.file.path === shown?.file.path && row.incoming === shown.incoming);
    void this.show(same ?? rows[0] ?? null);
    void this.suggest();
  }

  async show(row: Shown | null): Promise<void> {
    const again = row?.file.path === this.shown?.file.path && row?.incoming === this.shown?.incoming;
    this.shown = row;
    if (!again) this.comparison = null;
    this.comparisonFailure = null;
    if (row === null) return;
    try {
      const { path } = row.file;
      const found = await host().call("team_compare", { library: this.library, path, incoming: row.incoming });
      if (this.shown === row) this.comparison = found;
    } catch (error) {
      if (this.shown !== row) return;
      this.comparison = null;
      this.comparisonFailure = apiError(error).message;
    }
  }

  move(by: 1 | -1): void {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.file.path === this.shown?.file.path && row.incoming === this.shown.incoming);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next) void this.show(next);
  }

  choose(path: string, wanted: boolean): void {
    const chosen = new Set(this.chosen);
    if (wanted) chosen.add(path);
    else chosen.delete(path);
    this.chosen = chosen;
    void this.suggest();
  }

  private async suggest(): Promise<void> {
    const files = [...this.chosen];
    if (files.length === 0) {
      this.suggestion = null;
      return;
    }
    try {
      const found = await host().call("team_suggest", { library: this.library, files });
      if (files.length === this.chosen.size && files.every((path) => this.chosen.has(path))) this.suggestion = found;
    } catch {
      // It is asked again with the next look; without one a person writes the message.
      this.suggestion = null;
    }
  }

  /** Does one thing; says in words what came of it, and looks again. */
  private async does(doing: Doing, work: () => Promise<{ shape: Shape; text: string } | null>): Promise<boolean> {
    if (this.doing !== null) return false;
    this.doing = doing;
    this.said = null;
    try {
      this.said = await work();
      return true;
    } catch (error) {
      this.said = { shape: "failed", text: apiError(error).message };
      return false;
    } finally {
      this.doing = null;
      await this.load();
    }
  }

  fetch(): Promise<boolean> {
    return this.does("fetch", async () => {
      const state = await host().call("team_fetch", { id: this.library });
      return state.behind === 0 ? { shape: "passed", text: "Nothing new was pushed by others." } : null;
    });
  }

  pull(decisions: Decision[] = [], between: string | null = null): Promise<boolean> {
    return this.does("pull", async () => {
      const done = await host().call("team_pull", { library: this.library, between, decisions });
      const { files } = done;
      this.conflicts = files.what === "conflicts" ? { between: files.between, files: files.files } : null;
      return pulled(done);
    });
  }

  commit(message: string, author: { name: string; email: string } | null): Promise<boolean> {
    return this.does("commit", async () => {
      const files = [...this.chosen];
      const done = await host().call("team_commit", { library: this.library, files, message, author });
      return { shape: "passed", text: `${counted(done.files, "file", "files")} committed as ${done.commit}.` };
    });
  }

  push(): Promise<boolean> {
    return this.does("push", async () => {
      const done = await host().call("team_push", { id: this.library });
      const text =
        done.commits === 0
          ? `${done.upstream} has all that is committed here.`
          : `${counted(done.commits, "commit", "commits")} pushed to ${done.upstream}.`;
      return { shape: "passed", text };
    });
  }

  records(mode: RecordsMode): Promise<boolean> {
    return this.does("records", async () => {
      await host().call("team_records_choose", { library: this.library, mode });
      return null;
    });
  }

  async stop(): Promise<void> {
    try {
      await host().call("team_stop", {});
    } catch (error) {
      this.said = { shape: "failed", text: apiError(error).message };
    }
  }
}
