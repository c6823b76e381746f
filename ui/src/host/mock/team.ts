// A folder of the stand-in that a team shares: others pushed, something is not committed, and one place is in conflict.

import type {
  ApiError,
  ChooseRecords,
  CloneLibrary,
  Comparison,
  LibraryFolder,
  TeamCommit,
  TeamCompare,
  TeamConflict,
  TeamFile,
  TeamFiles,
  TeamPull,
  TeamState,
} from "../../bindings/types";
import type { CommandName, Result } from "../host";

interface Around {
  folder: (id: number) => LibraryFolder | undefined;
  /** Adds a folder that is not trusted. */
  add: (path: string) => LibraryFolder;
  /** Something of the folder changed. */
  tell: (library: number) => void;
}

function problem(code: ApiError["code"], message: string): ApiError {
  return { code, message };
}

const file = (path: string, change: TeamFile["change"], title: string | null, used = false): TeamFile => ({
  path,
  file: `/home/mara/runbooks/${path}`,
  change,
  title,
  used,
});

const conflict: TeamConflict = {
  path: "db/failover.md",
  file: "/home/mara/runbooks/db/failover.md",
  title: "Fail over the orders database",
  base: "- [ ] Tell the shop\n",
  mine: "- [ ] Tell the shop and the depot\n",
  theirs: "- [ ] Tell the shop by phone\n",
  removed_here: false,
  removed_there: false,
  places: [
    {
      line: 41,
      base: "- [ ] Tell the shop\n",
      mine: "- [ ] Tell the shop and the depot\n",
      theirs: "- [ ] Tell the shop by phone\n",
    },
  ],
};

const comparison: Comparison = {
  added: 1,
  removed: 1,
  restore: [],
  lines: [
    { kind: "same", old: 40, new: 40, parts: [{ text: "## Steps\n", changed: false }] },
    { kind: "removed", old: 41, new: null, parts: [{ text: "- [ ] Tell the shop\n", changed: false }] },
    {
      kind: "added",
      old: null,
      new: 41,
      parts: [
        { text: "- [ ] Tell the shop ", changed: false },
        { text: "and the depot\n", changed: true },
      ],
    },
  ],
};

export class TeamMock {
  behind = 12;
  ahead = 0;
  incoming = [
    file("db/failover.md", "changed", "Fail over the orders database", true),
    file("ops/disk-full.md", "changed", "Disk almost full", true),
    file("ops/new-region.md", "added", "Open a region"),
    file("img/board.png", "removed", null),
  ];
  changes = [
    file("ops/certificates.md", "changed", "Renew certificates", true),
    file("notes/shift.md", "added", "Notes of the shift"),
  ];
  known = true;
  conflicts = true;
  mode: ChooseRecords["mode"] = "off";
  /** What the next pull, push or fetch fails with. */
  failure: string | null = null;
  stopped = 0;
  readonly committed: TeamCommit[] = [];

  constructor(private readonly around: Around) {}

  private of(id: number): LibraryFolder {
    const folder = this.around.folder(id);
    if (!folder) throw problem("not_found", "There is no such folder.");
    if (!folder.trusted)
      throw problem("not_trusted", `${folder.path} is not trusted, so git is not asked about it: trust it first.`);
    return folder;
  }

  private state(id: number): TeamState {
    const folder = this.of(id);
    return structuredClone({
      library: id,
      path: folder.path,
      root: folder.path,
      branch: "main",
      upstream: "origin/main",
      remote: "git@example.org:depot/runbooks.git",
      ahead: this.ahead,
      behind: this.behind,
      fetched_at: new Date(Date.now() - 240_000).toISOString(),
      changes: this.changes,
      incoming: this.behind > 0 ? this.incoming : [],
      used: this.behind > 0 ? this.incoming.filter((one) => one.used).length : 0,
      records: {
        mode: this.mode,
        upstream: "origin/allgood-records",
        address: "git@example.org:depot/runbooks.git",
        shared: this.mode === "off" ? 0 : 4,
        taken: this.mode === "off" ? 0 : 9,
        due: 0,
        refused: [],
      },
    });
  }

  private fails(): void {
    const why = this.failure;
    this.failure = null;
    if (why !== null) throw problem("file", why);
  }

  readonly handlers: { [K in CommandName]?: (given: never) => Result<K> } = {
    library_clone: ({ url, folder }: CloneLibrary) => {
      this.fails();
      if (url.startsWith("ext::"))
        throw problem("bad_input", `"${url}" is not fetched: write it like https://example.org/team/runbooks.git.`);
      return this.around.add(folder);
    },
    team_state: ({ id }: { id: number }) => this.state(id),
    team_fetch: ({ id }: { id: number }) => {
      this.fails();
      return this.state(id);
    },
    team_compare: ({ path }: TeamCompare) => {
      if (path.endsWith(".png")) throw problem("bad_input", `${path} is no text.`);
      return structuredClone(comparison);
    },
    team_suggest: ({ files }: TeamFiles) => {
      const named = files.map((path) => this.changes.find((one) => one.path === path)?.title ?? path);
      const author = this.known ? { name: "Mara K", email: "mara@example.org" } : null;
      return { message: `Change ${named.join(", ")}`, author };
    },
    team_commit: (commit: TeamCommit) => {
      if (!this.known && commit.author === null) throw problem("needs_values", "git does not know who you are.");
      this.committed.push(commit);
      this.known = true;
      this.changes = this.changes.filter((one) => !commit.files.includes(one.path));
      this.ahead += 1;
      this.around.tell(commit.library);
      return { commit: "4f2a91c", message: commit.message ?? "", files: commit.files.length };
    },
    team_pull: ({ library, decisions }: TeamPull) => {
      this.of(library);
      this.fails();
      if (this.behind === 0) return { files: { what: "current" }, records: null };
      if (this.conflicts && decisions.length === 0)
        return { files: { what: "conflicts", between: "a:b", files: [conflict] }, records: null };
      const commits = this.behind;
      this.behind = 0;
      this.around.tell(library);
      const joined = this.conflicts;
      return { files: { what: "taken", commits, files: this.incoming, joined, both: [] }, records: null };
    },
    team_push: () => {
      this.fails();
      if (this.behind > 0)
        throw problem("state", "origin/main has commits that are not here, so that nothing was pushed: pull first.");
      const commits = this.ahead;
      this.ahead = 0;
      return { commits, upstream: "origin/main" };
    },
    team_stop: () => {
      this.stopped += 1;
      return null;
    },
    team_records_choose: ({ library, mode }: ChooseRecords) => {
      this.mode = mode;
      return this.state(library).records;
    },
    team_share: ({ runs }: { runs: string[] }) => {
      if (this.mode === "off")
        throw problem("not_trusted", "Records of runs are not shared here: that is for a person to allow first.");
      return { runs, known: 0, upstream: "origin/allgood-records" };
    },
  };
}
