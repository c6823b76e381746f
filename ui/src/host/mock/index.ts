// A stand-in for the program behind the window, for developing in a plain browser and for tests. What it shows can be
// chosen in the address: `?scene=empty`, `?scene=untrusted`, `?scene=errors`, `?scene=large`.

import type {
  OpenLinked,
  OutsideView,
  CompareRuns,
  PrepareRun,
  ResumeRun,
  RollbackRun,
  StartRun,
  ApiError,
  AppState,
  ConnectAccess,
  ConvertArgument,
  LibraryFolder,
  ListQuery,
  MarkRun,
  News,
  RunbookRow,
  RunFilter,
  RunSummary,
  SendUpdate,
  Settings,
  TerminalEnd,
  WriteReport,
} from "../../bindings/types";
import type { Arguments, CommandName, Connected, Host, Result, Watch } from "../host";
import { AccessMock } from "./access";
import { AuthorMock } from "./author";
import { build, fakeHash, type Built } from "./build";
import { specs } from "./content";
import { MockRun } from "./engine";
import { historyHandlers } from "./history";
import { pastRuns } from "./past";
import { recordView, writtenReport } from "./record";
import { openLinked } from "./linked";
import { LinksMock } from "./links";
import { PaletteMock } from "./palette";
import { ScheduleMock } from "./schedules";
import { TeamMock } from "./team";
import { converted, imported, importPlan, listPage, movePlan } from "./library";
import { prepared } from "./preparing";
import { compared, filtered, proposed, usualOf } from "./learning";
import type { Decoded } from "../messages";

export type Scene = "full" | "empty" | "untrusted" | "errors" | "large" | "slow" | "team";

const ACTOR = "mara@depot-desk";

function problem(code: ApiError["code"], message: string): ApiError {
  return { code, message };
}

class Mock implements Host {
  private folders: LibraryFolder[] = [];
  private books = new Map<string, Built>();
  private runs: MockRun[] = [];
  private watches = 0;
  private readonly pins = new Set<string>();
  private readonly bin = new Map<string, Built>();
  private settings: Settings = {
    theme: "system",
    link_schemes: [],
    update_minutes: { sev1: 15, sev2: 30, sev3: 60, sev4: 0, other: 30 },
    notifications: true,
    notify_after_s: 30,
    quiet_failures: false,
    stay: "schedules",
    fetch_minutes: 15,
  };
  private examples = true;
  readonly opened: string[] = [];
  readonly links: LinksMock;
  readonly schedules: ScheduleMock;
  private readonly palette = new PaletteMock({
    books: () => [...this.books.values()].map((built) => built.view),
    runs: () => this.openRuns(),
    links: () => this.links.handlers.link_list({ words: "", pinned: false, values: {}, of_runbook: false }).links,
    entries: () => this.access.entries.map((entry) => entry.row),
  });
  /** What an address from outside would have shown, until it is asked for. */
  fromOutside: OutsideView | null = null;
  readonly listening = new Set<(news: News) => void>();
  readonly author = new AuthorMock({
    actor: ACTOR,
    book: (path) => this.books.get(path),
    books: () => this.books.values(),
    folder: (id) => this.folders.find((folder) => folder.id === id),
    addBook: (built) => {
      this.books.set(built.view.path, built);
    },
    startScratch: (built, item, values) => {
      const id = `019aad${fakeHash(`${item}${Date.now()}${this.scratch.length}`).slice(0, 26)}`;
      const run = new MockRun(id, built, "hand", values, ACTOR, new Date().toISOString(), Date.now, this.speed);
      this.scratch.push(run);
      run.act({ do: "start", item, hash: "", values });
      return run.view();
    },
  });
  readonly access: AccessMock;
  readonly team: TeamMock;
  private scratch: MockRun[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly speed: number,
  ) {
    const tell = (news: News): void => this.listening.forEach((listener) => listener(news));
    this.access = new AccessMock(scene, tell, this.opened);
    const inRun = (run: string) =>
      ((view) => ({ tags: view.runbook.tags, values: view.parameters }))(this.find(run).view());
    this.links = new LinksMock(
      scene !== "empty",
      this.opened,
      inRun,
      () => this.settings.link_schemes,
      (path) => this.at(path).view.links,
    );
    this.team = new TeamMock({
      folder: (id) => this.folders.find((folder) => folder.id === id),
      add: (path) => this.addFolder(path, false, 6),
      tell: (library) => tell({ news: "library", library, paths: [] }),
    });
    this.schedules = new ScheduleMock(scene !== "empty", {
      book: (path) => ({ title: this.at(path).view.title, revision: this.at(path).view.revision }),
      start: (path) => this.run(this.at(path), 0, `019aac${fakeHash(`${path}${Date.now()}`).slice(0, 26)}`).summary(),
    });
    if (scene === "empty") return;
    this.addFolder("/home/mara/runbooks", true);
    const first = this.folders[0];
    if (scene === "team" && first?.git) first.git = { ...first.git, behind: 12, state: "modified" };
    if (scene === "untrusted") this.addFolder("/home/mara/work/partner-runbooks", false, 6);
    if (scene === "errors") {
      this.folders.push({
        id: 9,
        path: "/mnt/share/runbooks",
        name: "runbooks",
        trusted: true,
        runbooks: 0,
        reading: null,
        problem:
          "The folder /mnt/share/runbooks cannot be read (permission denied): give yourself access or remove it.",
        late: null,
        git: null,
      });
    }
    if (scene === "large") this.addFolder("/home/mara/archive", true, 2000);
    pastRuns({ book: (relative) => this.book(relative), run: (built, ago, id) => this.run(built, ago, id) });
  }

  private addFolder(path: string, trusted: boolean, count = specs.length): LibraryFolder {
    const id = this.folders.length + 1;
    for (let index = 0; index < count; index += 1) {
      const spec = specs[index % specs.length];
      if (!spec) continue;
      const again = index >= specs.length || this.folders.length > 0;
      const use = again
        ? { ...spec, relative: `${Math.floor(index / specs.length)}/${spec.relative}`, title: `${spec.title} ${index}` }
        : spec;
      const built = build(use, path, id, trusted);
      this.books.set(built.view.path, built);
    }
    const folder: LibraryFolder = {
      id,
      path,
      name: path.split("/").pop() ?? path,
      trusted,
      runbooks: count,
      problem: null,
      reading: null,
      late: null,
      git: trusted ? { root: path, branch: "main", state: "clean", ahead: 0, behind: 0 } : null,
    };
    this.folders.push(folder);
    return folder;
  }

  /** Folders as they are told before they are read; what was read is told a moment later. */
  private read(folders: LibraryFolder[]): LibraryFolder[] {
    setTimeout(() => {
      for (const { id } of folders) for (const tell of this.listening) tell({ news: "read", library: id, reading: 1 });
    }, 50);
    return folders.map((folder) => ({ ...structuredClone(folder), runbooks: 0, reading: 1 }));
  }

  private book(relative: string): Built {
    const found = this.books.get(`/home/mara/runbooks/${relative}`);
    if (!found) throw problem("not_found", `There is no runbook ${relative}.`);
    return found;
  }

  private at(path: string): Built {
    const found = this.books.get(path);
    if (!found) throw problem("not_found", `The runbook ${path} is gone: rescan its folder.`);
    return found;
  }

  private run(built: Built, ago: number, id = `019aac${fakeHash(`${built.view.path}${ago}`).slice(0, 20)}`): MockRun {
    const started = new Date(Date.now() - ago).toISOString();
    const values: Record<string, string> = {};
    for (const param of built.view.params) values[param.name] = param.default ?? "";
    const run = new MockRun(id, built, "hand", values, ACTOR, started, Date.now, this.speed);
    const first = run.timeline[0];
    if (first) first.at = started;
    this.runs.push(run);
    return run;
  }

  private lastRuns(path: string): RunSummary[] {
    return this.runs
      .filter((run) => run.built.view.path === path)
      .map((run) => run.summary())
      .sort((a, b) => b.started_at.localeCompare(a.started_at))
      .slice(0, 4);
  }

  private rows(words: string): RunbookRow[] {
    const terms = words.toLowerCase().split(/\s+/).filter(Boolean);
    const rows: RunbookRow[] = [];
    for (const { view } of this.books.values()) {
      let snippet: string | null = null;
      if (terms.length > 0) {
        const text = `${view.title} ${Object.values(view.items)
          .map((item) => item.script || item.text)
          .join(" · ")}`;
        const low = text.toLowerCase();
        if (!terms.every((term) => low.includes(term))) continue;
        const first = Math.max(0, low.indexOf(terms[0] ?? "") - 30);
        snippet = text.slice(first, first + 110);
        for (const term of terms)
          snippet = snippet.replace(new RegExp(term.replace(/[^\w]/g, "\\$&"), "gi"), "\u0002$&\u0003");
      }
      const folder = this.folders.find((f) => f.id === view.library);
      rows.push({
        path: view.path,
        relative: view.relative,
        library: view.library ?? 0,
        title: view.title,
        kind: view.kind,
        severity: view.severity,
        owner: view.owner,
        tags: view.tags,
        steps: view.sections.reduce((sum, section) => sum + section.steps.length, 0),
        trusted: folder?.trusted ?? false,
        errors: view.problems.filter((p) => p.severity === "error").length,
        warnings: view.problems.filter((p) => p.severity === "warning").length,
        review_due: null,
        review_days: null,
        pinned: this.pins.has(view.path),
        draft: false,
        no_rollback: view.problems.some((p) => p.code === "no-rollback"),
        cadence: null,
        git: null,
        problem: null,
        last_runs: this.lastRuns(view.path),
        outcomes: { runs: 9, passed: 8, last_passed_at: "2026-11-20T09:12:44.000Z" },
        snippet,
      });
    }
    if (this.scene === "errors") {
      const first = rows[3];
      if (first) first.problem = "The file cannot be read: it is not UTF-8 text (byte 4,113).";
    }
    return rows;
  }

  private openRuns(): RunSummary[] {
    return this.runs
      .map((run) => run.summary())
      .filter((run) => ["running", "waiting", "paused", "interrupted"].includes(run.state))
      .sort((a, b) => b.started_at.localeCompare(a.started_at))
      .slice(0, 5);
  }

  private find(id: string): MockRun {
    const found = [...this.runs, ...this.scratch].find((run) => run.id.startsWith(id));
    if (!found) throw problem("not_found", `There is no run ${id}.`);
    return found;
  }

  private answer<C extends CommandName>(name: C, args: Arguments<C>): Result<C> {
    const given = args as Record<string, never>;
    const handlers: { [K in CommandName]?: (given: never) => Result<K> } = {
      ...this.author.handlers(),
      ...this.access.handlers(),
      ...historyHandlers({ runs: () => this.runs, find: (id) => this.find(id), actor: ACTOR }),
      app_state: (): AppState => ({
        version: "0.1.0",
        data: "/home/mara/.local/share/allgood",
        actor: ACTOR,
        first_start: this.folders.length === 0,
        examples_offered: this.examples,
        runbooks: this.books.size,
        runs: this.runs.length,
        links: this.links.count,
        schedules: this.schedules.count,
        next_up: this.schedules.nextUp,
        entries: this.access.entries.length,
        open_runs: this.openRuns(),
        notice:
          this.scene === "errors"
            ? "The store was damaged and has been set aside as allgood.db.damaged; a new one was begun."
            : null,
      }),
      library_folders: () => structuredClone(this.folders),
      library_add: ({ path }: { path: string }) => {
        const folder = this.addFolder(path, false, 6);
        return this.read([folder])[0] ?? folder;
      },
      library_remove: ({ id }: { id: number }) => {
        this.folders = this.folders.filter((folder) => folder.id !== id);
        for (const [path, built] of this.books) if (built.view.library === id) this.books.delete(path);
        return null;
      },
      library_survey: ({ id }: { id: number }) => {
        const folder = this.folders.find((f) => f.id === id);
        if (!folder) throw problem("not_found", "There is no such folder.");
        return {
          folder,
          commands: 57,
          programs: [
            ["kubectl", 21],
            ["ssh", 9],
            ["psql", 8],
            ["curl", 7],
            ["rm", 4],
            ["systemctl", 3],
            ["jq", 3],
            ["openssl", 2],
          ],
        };
      },
      library_trust: ({ id }: { id: number }) => {
        const folder = this.folders.find((f) => f.id === id);
        if (!folder) throw problem("not_found", "There is no such folder.");
        folder.trusted = true;
        for (const built of this.books.values()) if (built.view.library === id) built.view.trusted = true;
        return structuredClone(folder);
      },
      library_rescan: () => this.read(this.folders),
      examples_add: () => {
        this.examples = false;
        return this.addFolder("/home/mara/runbooks", true, 3);
      },
      library_list: (query: ListQuery) => listPage(this.rows(query.words), query, this.books.size),
      pin: ({ path, pinned }: { path: string; pinned: boolean }) => {
        if (pinned) this.pins.add(path);
        else this.pins.delete(path);
        return null;
      },
      runbook_move_plan: ({ path, to }: { path: string; to: string }) => {
        const relative = this.books.get(path)?.view.relative ?? "";
        return movePlan(path, relative, to, (target) => this.books.has(target));
      },
      runbook_move: ({ path, to }: { path: string; to: string }) => {
        const built = this.at(path);
        const plan = movePlan(path, built.view.relative, to, (target) => this.books.has(target));
        if (plan.refused !== null) return plan;
        this.books.delete(path);
        built.view.path = plan.path;
        built.view.relative = to;
        this.books.set(plan.path, built);
        return plan;
      },
      runbook_bin: ({ path }: { path: string }) => {
        const built = this.books.get(path);
        if (built) this.bin.set(path, built);
        this.books.delete(path);
        return null;
      },
      runbook_unbin: ({ path }: { path: string }) => {
        const built = this.bin.get(path);
        if (!built) throw problem("not_found", `${path} is not in the system's bin any more.`);
        this.books.set(path, built);
        this.bin.delete(path);
        return null;
      },
      folder_create: () => null,
      import_plan: () => importPlan,
      import: () => imported,
      import_stop: () => null,
      convert: ({ path, to, file }: ConvertArgument) => {
        const found = converted(this.at(path).view.title, to ?? "cacao");
        if (file?.endsWith("there.json")) {
          throw problem("file", `${file} is there already, and nothing is written over it: choose another name.`);
        }
        return found;
      },
      runbook: ({ path }: { path: string }) => {
        const built = this.at(path);
        return structuredClone({
          ...built.view,
          last_runs: this.lastRuns(path),
          runs: this.runs.filter((run) => run.built.view.path === path).length,
          usual: usualOf(built),
        });
      },
      run_prepare: (asked: PrepareRun) => {
        const built = this.at(asked.path);
        const runs = this.runs.filter((run) => run.built === built);
        return prepared(built, asked, runs);
      },
      run_start: ({ path, mode, values, environment, environment_typed }: StartRun) => {
        const built = this.at(path);
        if (!built.view.trusted && mode !== "rehearse")
          throw problem("not_trusted", "Its folder is not trusted yet: look at it and trust it first.");
        const run = new MockRun(
          `019aac${fakeHash(`${path}${Date.now()}`).slice(0, 26)}`,
          built,
          mode,
          values,
          ACTOR,
          new Date().toISOString(),
          Date.now,
          this.speed,
          built.view.environments.find((one) => one.name === environment) ?? null,
        );
        if (environment_typed !== undefined) run.act({ do: "confirm_environment", typed: environment_typed });
        this.runs.push(run);
        return run.view();
      },
      run_resume: ({ run }: ResumeRun) => {
        const found = this.find(run);
        found.takeUp();
        return found.view();
      },
      run_rollback: ({ run, leave_out, took_effect }: RollbackRun) => {
        const found = this.find(run);
        found.takeUp("rollback");
        found.act({ do: "rollback", leave_out, took_effect });
        return found.view();
      },
      run_open_linked: (request: OpenLinked) => openLinked(this.runs, this.books, request, problem),
      run_proposals: ({ run }: { run: string }) => proposed(this.find(run)),
      run_compare: ({ one, other }: CompareRuns) => compared(this.find(one), this.find(other)),
      run_mark: ({ run, mark }: MarkRun) => {
        this.find(run).act({ do: "mark", ...mark });
        return this.find(run).view();
      },
      run_update: ({ run, item, text }: SendUpdate) => {
        const mark = { do: "mark", what: "update", value: text } as const;
        this.find(run).act(item === undefined ? mark : { do: "message_sent", item, text });
        return this.find(run).view();
      },
      run_view: ({ run }: { run: string }) => this.find(run).view(),
      run_do: ({ run, action }: { run: string; action: never }) => {
        this.find(run).act(action);
        return null;
      },
      run_unwatch: () => null,
      run_acknowledge: () => null,
      runs: (filter: RunFilter) => filtered(this.runs, filter),
      run_export: () => null,
      run_report: ({ run, format, path }: WriteReport) => writtenReport(this.find(run).view(), format, path),
      run_record: ({ run }: { run: string }) => recordView(this.find(run).view()),
      link_follow: ({ path, link }: { path: string; link: string }) => {
        const name = link.replace(/^\[\[|\]\]$/g, "").replace(/[#?].*$/, "");
        const found = [...this.books.keys()].find((one) => one.endsWith(`/${name.split("/").pop() ?? ""}`));
        if (!found || found === path) throw problem("not_found", `The link ${link} leads nowhere.`);
        return found;
      },
      outside_next: () => [this.fromOutside, (this.fromOutside = null)][0] ?? null,
      ...this.links.handlers,
      ...this.schedules.handlers,
      ...this.team.handlers,
      ...this.palette.handlers,
      settings_read: () => structuredClone(this.settings),
      settings_write: (settings: Settings) => {
        this.settings = structuredClone(settings);
        return settings;
      },
    };
    const handler = handlers[name] as ((given: unknown) => Result<C>) | undefined;
    if (!handler) throw problem("state", `The stand-in does not answer ${name}.`);
    return handler(given);
  }

  async call<C extends CommandName>(name: C, args: Arguments<C>): Promise<Result<C>> {
    await new Promise((resolve) => setTimeout(resolve, this.scene === "slow" && name !== "settings_read" ? 2500 : 1));
    return this.answer(name, args);
  }

  async watchRun(
    run: string,
    after: number,
    onUpdate: Parameters<Host["watchRun"]>[2],
    onOutput: Parameters<Host["watchRun"]>[3],
  ): Promise<Watch> {
    const found = this.find(run);
    this.watches += 1;
    let flight = 0;
    let skipped = 0;
    const listener = {
      update: onUpdate,
      output: (item: string, attempt: number, offset: number, bytes: Uint8Array): void => {
        if (flight > 1024 * 1024) {
          skipped += bytes.length;
          return;
        }
        flight += bytes.length;
        onOutput({ header: { item, attempt, offset, skipped }, bytes, taken: () => (flight -= bytes.length) });
        skipped = 0;
      },
    };
    const view = found.view();
    for (const { item, attempts } of view.progress) {
      const last = attempts.at(-1);
      if (last?.state !== null) continue;
      const offset = last.output_bytes;
      const header = { item, attempt: last.number, offset, skipped: 0, joins: offset };
      onOutput({ header, bytes: new Uint8Array(), taken: () => undefined });
    }
    if (view.seq > after) {
      const timeline = view.timeline.filter((entry) => entry.seq > after);
      onUpdate({ ...view, runbook: null, timeline, trouble: null });
    }
    found.listeners.add(listener);
    return {
      close: async () => {
        found.listeners.delete(listener);
      },
    };
  }

  async readOutput(range: {
    run: string;
    item: string;
    attempt: number;
    offset: number;
    limit: number;
  }): Promise<Decoded> {
    const whole = this.find(range.run).output(range.item, range.attempt);
    const bytes = whole.slice(range.offset, range.offset + range.limit);
    const { item, attempt, offset } = range;
    return { header: { item, attempt, offset, skipped: 0 }, bytes, size: bytes.length };
  }

  async connect(
    asked: ConnectAccess,
    onOutput: (bytes: Uint8Array, taken: () => void) => void,
    onEnd: (end: TerminalEnd) => void,
  ): Promise<Connected> {
    return this.access.connect(asked, onOutput, onEnd);
  }

  async pickFolder(): Promise<string | null> {
    return "/home/mara/work/partner-runbooks";
  }

  async pickFile(): Promise<string | null> {
    return "/home/mara/Downloads/runbooks.zip";
  }

  async watchNews(onNews: (news: News) => void): Promise<Watch> {
    this.listening.add(onNews);
    return {
      close: async () => {
        this.listening.delete(onNews);
      },
    };
  }

  async pickSave(name: string): Promise<string | null> {
    return `/home/mara/${name}`;
  }

  async copy(): Promise<void> {
    return;
  }
}

/** The stand-in. `speed` makes pretended time pass faster, for tests. */
export function mockHost(
  scene?: Scene,
  speed = 1,
): Host & {
  opened: string[];
  author: AuthorMock;
  access: AccessMock;
  team: TeamMock;
  fromOutside: OutsideView | null;
} {
  const asked = new URLSearchParams(globalThis.location?.search ?? "").get("scene") as Scene | null;
  return new Mock(scene ?? asked ?? "full", speed);
}
