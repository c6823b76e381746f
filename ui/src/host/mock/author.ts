// The author's part of the stand-in: texts, drafts, revisions, words, templates. It keeps them in memory.

import type {
  ApiError,
  Comparison,
  DiffLine,
  EnvironmentView,
  GitState,
  KeepDraft,
  Looked,
  MadeText,
  MakeFrom,
  RevisionRow,
  RunbookView,
  RunView,
  Saved,
  SaveText,
  SourceView,
  TryBlock,
  Vocabulary,
  Word,
} from "../../bindings/types";
import type { Arguments, CommandName, Result } from "../host";
import { build, fakeHash, type Built, type Play } from "./build";
import { readMarkdown, writeMarkdown } from "./reading";

function problem(code: ApiError["code"], message: string, needs?: ApiError["needs"]): ApiError {
  return needs ? { code, message, needs } : { code, message };
}

interface Kept {
  row: RevisionRow;
  text: string;
}

interface MockFile {
  text: string;
  modified: string;
  revisions: Kept[];
}

export interface AuthorWorld {
  book: (path: string) => Built | undefined;
  books: () => Iterable<Built>;
  folder: (id: number) => { id: number; path: string; trusted: boolean } | undefined;
  addBook: (built: Built) => void;
  startScratch: (built: Built, item: string, values: { [key in string]: string }) => RunView;
  actor: string;
}

const ENVIRONMENTS: EnvironmentView[] = [
  { name: "production", kind: "production", guard: true },
  { name: "staging", kind: "staging", guard: false },
];

function word(name: string, hint: string, values: string[] = []): Word {
  return { word: name, hint, values };
}

/** Which lines two texts share, the plain way; the stand-in's texts are short. */
function compareLines(old: string, now: string): { lines: DiffLine[]; added: number; removed: number } {
  const a = old.split("\n");
  const b = now.split("\n");
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const get = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row) row[j] = a[i] === b[j] ? get(i + 1, j + 1) + 1 : Math.max(get(i + 1, j), get(i, j + 1));
    }
  const all: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push({ kind: "same", old: i + 1, new: j + 1, parts: [{ text: a[i] ?? "", changed: false }] });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || get(i + 1, j) >= get(i, j + 1))) {
      all.push({ kind: "removed", old: i + 1, new: null, parts: [{ text: a[i] ?? "", changed: false }] });
      i += 1;
    } else {
      all.push({ kind: "added", old: null, new: j + 1, parts: [{ text: b[j] ?? "", changed: false }] });
      j += 1;
    }
  }
  // Words that differ, where a line came for a line.
  all.forEach((line, index) => {
    const next = all[index + 1];
    if (line.kind !== "removed" || next?.kind !== "added" || all[index - 1]?.kind === "removed") return;
    const was = line.parts[0]?.text ?? "";
    const is = next.parts[0]?.text ?? "";
    let start = 0;
    while (start < Math.min(was.length, is.length) && was[start] === is[start]) start += 1;
    let stop = 0;
    while (stop < Math.min(was.length, is.length) - start && was.at(-1 - stop) === is.at(-1 - stop)) stop += 1;
    const split = (text: string): DiffLine["parts"] =>
      [
        { text: text.slice(0, start), changed: false },
        { text: text.slice(start, text.length - stop), changed: true },
        { text: text.slice(text.length - stop), changed: false },
      ].filter((part) => part.text !== "");
    line.parts = split(was);
    next.parts = split(is);
  });
  const near = all.map((_, index) => all.slice(Math.max(0, index - 3), index + 4).some((line) => line.kind !== "same"));
  const lines: DiffLine[] = [];
  all.forEach((line, index) => {
    if (near[index]) lines.push(line);
    else if (lines.at(-1)?.kind !== "gap") lines.push({ kind: "gap", old: null, new: null, parts: [] });
  });
  return {
    lines,
    added: all.filter((line) => line.kind === "added").length,
    removed: all.filter((line) => line.kind === "removed").length,
  };
}

/** Both changes in one text, where they touch different lines. */
function merge(base: string, mine: string, theirs: string): { merged: string | null; conflicts: number } {
  const a = base.split("\n");
  const [m, t] = [mine.split("\n"), theirs.split("\n")];
  const span = (other: string[]): [number, number, string[]] => {
    let start = 0;
    while (start < Math.min(a.length, other.length) && a[start] === other[start]) start += 1;
    let stop = 0;
    while (stop < Math.min(a.length, other.length) - start && a.at(-1 - stop) === other.at(-1 - stop)) stop += 1;
    return [start, a.length - stop, other.slice(start, other.length - stop)];
  };
  const [mf, mt, mine2] = span(m);
  const [tf, tt, theirs2] = span(t);
  if (mt < tf)
    return {
      merged: [...a.slice(0, mf), ...mine2, ...a.slice(mt, tf), ...theirs2, ...a.slice(tt)].join("\n"),
      conflicts: 0,
    };
  if (tt < mf)
    return {
      merged: [...a.slice(0, tf), ...theirs2, ...a.slice(tt, mf), ...mine2, ...a.slice(mt)].join("\n"),
      conflicts: 0,
    };
  return { merged: null, conflicts: 1 };
}

const TEMPLATES: [string, string, string, string | null, string][] = [
  [
    "incident",
    "Incident",
    "Something is broken: find out what, mend it, prove it.",
    "incident",
    "---\ntitle: TITLE\nkind: incident\nseverity: SEV2\nowner: \n---\n\n## Overview\n\n<!-- What a person sees when this happens. -->\n\n## Diagnosis\n\n- [ ] \n\n## Steps\n\n### 1. \n\n```sh\n\n```\n\n## Validation\n\n## Rollback\n",
  ],
  [
    "routine",
    "Routine task",
    "Done again and again: an update, a backup.",
    "routine",
    "---\ntitle: TITLE\nkind: routine\nowner: \nreview_every: 90d\n---\n\n## Preconditions\n\n- [ ] \n\n## Steps\n\n### 1. \n\n## Validation\n",
  ],
  [
    "deployment",
    "Deployment",
    "A release, with its way back.",
    "routine",
    "---\ntitle: TITLE\nkind: routine\n---\n\n## Preconditions\n\n## Steps\n\n## Validation\n\n## Rollback\n",
  ],
];

export class AuthorMock {
  readonly files = new Map<string, MockFile>();
  readonly drafts = new Map<string, { base: string | null; text: string; at: string }>();
  readonly images = new Map<string, string>();
  readonly committed: string[] = [];
  private gitState = "clean";

  constructor(private readonly world: AuthorWorld) {}

  file(path: string): MockFile {
    let file = this.files.get(path);
    if (!file) {
      const built = this.world.book(path);
      if (!built) throw problem("not_found", `The file ${path} is gone: it was moved or removed outside.`);
      file = {
        text: writeMarkdown(built.view),
        modified: new Date(Date.now() - 86_400_000).toISOString(),
        revisions: [],
      };
      const past = ["First version", "Timeout 30 s to 60 s", "Fence before promote"];
      past.forEach((message, index) => {
        const text =
          file?.text
            .split("\n")
            .slice(0, index === past.length - 1 ? undefined : -4 * (past.length - index))
            .join("\n") ?? "";
        file?.revisions.push(
          this.revision(
            text,
            index + 1,
            message,
            new Date(Date.now() - (past.length - index) * 20 * 86_400_000).toISOString(),
            ["outside", "git", "here"][index] ?? "here",
            index * 3,
          ),
        );
      });
      this.files.set(path, file);
    }
    return file;
  }

  private revision(text: string, number: number, message: string | null, at: string, origin: string, runs = 0): Kept {
    return {
      text,
      row: {
        revision: fakeHash(text),
        number,
        at,
        origin,
        actor: origin === "outside" ? null : this.world.actor,
        message,
        summary: number === 1 ? "New" : "2 steps changed",
        size: text.length,
        runs,
        failed: runs > 3 ? 1 : 0,
      },
    };
  }

  /** Somebody else writes the file. */
  writeOutside(path: string, text: string): void {
    const file = this.file(path);
    file.text = text;
    file.modified = new Date().toISOString();
    file.revisions.push(this.revision(text, file.revisions.length + 1, null, file.modified, "outside"));
  }

  private place(path: string): { relative: string; library: number | null; trusted: boolean } {
    const built = this.world.book(path);
    if (!built) return { relative: path.split("/").pop() ?? path, library: null, trusted: true };
    const library = built.view.library;
    return {
      relative: built.view.relative,
      library,
      trusted: library === null || (this.world.folder(library)?.trusted ?? false),
    };
  }

  private look(path: string, text: string): Looked & { view: RunbookView } {
    const { relative, library, trusted } = this.place(path);
    return readMarkdown(path, relative, library, trusted, text, ENVIRONMENTS);
  }

  private git(path: string): GitState | null {
    const { trusted } = this.place(path);
    return trusted ? { root: "/home/mara/runbooks", branch: "main", state: this.gitState, ahead: 1, behind: 0 } : null;
  }

  private source(path: string): SourceView {
    const file = this.file(path);
    const draft = this.drafts.get(path);
    const revision = fakeHash(file.text);
    return {
      path,
      ...this.place(path),
      revision,
      text: file.text,
      line_end: file.text.includes("\r\n") ? "\r\n" : "\n",
      modified: file.modified,
      read_only: null,
      draft: draft ? { ...draft, file_changed: draft.base !== revision } : null,
      revisions: file.revisions.length,
    };
  }

  private save({ path, base, text, message }: SaveText): Saved {
    const file = this.file(path);
    const disk = fakeHash(file.text);
    if (base !== disk) {
      const from = file.revisions.find((one) => one.row.revision === base)?.text ?? "";
      return { outcome: "changed", revision: disk, theirs: file.text, ...merge(from, text, file.text) };
    }
    file.text = text;
    file.modified = new Date().toISOString();
    if (fakeHash(text) !== disk) {
      file.revisions.push(this.revision(text, file.revisions.length + 1, message, file.modified, "here"));
      this.gitState = "modified";
    }
    this.drafts.delete(path);
    return {
      outcome: "saved",
      revision: fakeHash(text),
      number: file.revisions.length,
      at: file.modified,
      notice: null,
    };
  }

  private compare(path: string, from: string, to: string | null, text: string | null): Comparison {
    const file = this.file(path);
    const find = (revision: string): string => {
      const found = file.revisions.find((one) => one.row.revision === revision);
      if (!found) throw problem("not_found", "That revision is not kept any more.");
      return found.text;
    };
    const old = find(from);
    const now = to === null ? (text ?? "") : find(to);
    return { ...compareLines(old, now), restore: old === now ? [] : [{ from: 0, to: now.length, text: old }] };
  }

  private words(path: string): Vocabulary {
    const text = this.files.get(path)?.text ?? this.file(path).text;
    const { view } = this.look(path, text);
    return {
      keys: [
        word("title", "The title; else the first heading"),
        word("kind", "Decides which parts the check asks for", ["incident", "routine"]),
        word("summary", "What it is for"),
        word("outcome", "What success looks like"),
        word("severity", "How bad"),
        word("owner", "Who keeps it"),
        word("tags", "A list"),
        word("reviewed", "The date of the last review"),
        word("review_every", "A period", ["30d", "90d", "180d"]),
        word("params", "What to ask at the start"),
        word("access", "Secrets by reference"),
      ],
      attributes: [
        word("name", "Stable name of the block"),
        word("expect", "The output must contain this text, or a line that matches this /expression/"),
        word("expect_exit", "Accepted exit statuses", ["0", "0,1", "any"]),
        word("expect_status", "http: accepted statuses", ["200", "2xx", "200,204", "any"]),
        word("expect_header", "http: a header holds this"),
        word("expect_json", "http: a value of the answer"),
        word("expect_time", "http, sql: how long it takes", ["< 500ms", "< 1s", "< 5s"]),
        word("expect_value", "sql: the first value", ["> 0", "== 0", "!= null"]),
        word("expect_rows", "sql: how many rows there are", ["0", "1", "> 0"]),
        word("write", "sql: the statement may change something"),
        word("range", "promql: so long until now, drawn as a chart", ["15m", "1h", "6h", "1d"]),
        word("step", "promql: between two values of a range"),
        word("ca", "http: a file of certificates"),
        word("timeout", "The attempt ends after this", ["30s", "60s", "5m"]),
        word("probe", "This block only looks"),
        word("every", "A probe's period", ["5s", "30s"]),
        word("within", "A probe's patience", ["1m", "5m"]),
        word("undo", "This block reverses the step", ["none"]),
        word("confirm", "Ask before"),
        word("on", "Where it runs"),
        word("retry", "Further attempts after a failure", ["1", "3"]),
      ],
      languages: [
        word("sh", "Shell"),
        word("bash", "Shell"),
        word("http", "A request to send and measure"),
        word("python", "Program"),
        word("message", "Text to send"),
        word("sql", "A query of the database that `on` names"),
        word("promql", "A query of the Prometheus that `on` names"),
      ],
      headings: ["Overview", "Preconditions", "Diagnosis", "Steps", "Validation", "Rollback", "Links"].map((name) =>
        word(name, `Opens the phase ${name.toLowerCase()}`),
      ),
      variables: view.params.map((param) => word(param.name, param.default ?? "asked at the start")),
      access: [word("orders-db", "Postgres, read by mara", ["user", "password"]), word("oncall", "SSH key", ["key"])],
      groups: [word("gates", "group of gate-01, gate-02", ["gate-01", "gate-02"])],
      owners: ["Depot systems on-call", "data-platform"],
      tags: ["queues", "depot", "tls"],
      severities: ["SEV 1", "SEV 2"],
      environments: ENVIRONMENTS,
      files: [...this.world.books()].slice(0, 50).map((built) => word(`../${built.view.relative}`, built.view.title)),
      snippets: [
        { name: "step", title: "Step", hint: "A numbered step", text: "### ${1}. ${Title}\n\n${}" },
        { name: "check", title: "Check", hint: "Something to look at and tick", text: "- [ ] ${what to check}${}" },
        {
          name: "command",
          title: "Command",
          hint: "A block that runs",
          text: "```sh {name=${name}}\n${command}\n```\n${}",
        },
        {
          name: "probe",
          title: "Probe",
          hint: "Looks until it holds",
          text: '```sh {probe name=${name} every=5s within=1m expect="${text}"}\n${command}\n```\n${}',
        },
        {
          name: "http",
          title: "Request that is tested",
          hint: "Sends a request, and its answer must be as expected",
          text: "```http {probe within=1m expect_status=200}\nGET {{${ADDRESS}}}/${path}\n```\n${}",
        },
        {
          name: "sql",
          title: "Query that is tested",
          hint: "Asks a database, and its answer must be as expected",
          text: '```sql {on=${database} expect_value="> 0"}\nSELECT count(*) FROM ${table}\n```\n${}',
        },
        {
          name: "promql",
          title: "Metric that is tested",
          hint: "Asks Prometheus, and each value must be as expected",
          text: '```promql {on=${metrics} range=1h expect_number="< 5"}\n${up}\n```\n${}',
        },
        { name: "undo", title: "Undo", hint: "Reverses the step", text: "```sh {undo}\n${command}\n```\n${}" },
        {
          name: "message",
          title: "Message",
          hint: "Text to send",
          text: '```message {to="${room}"}\n${text}\n```\n${}',
        },
        { name: "parameter", title: "Parameter", hint: "Names a value of the start", text: "{{${name}}}${}" },
      ],
    };
  }

  private make(from: MakeFrom, title: string): MadeText {
    const named =
      title || (from.from === "template" ? "New runbook" : from.from === "session" ? "From a terminal" : "From a page");
    let text: string;
    if (from.from === "template") {
      text = (TEMPLATES.find(([name]) => name === from.name)?.[4] ?? "").replace("TITLE", named);
    } else if (from.from === "session") {
      const commands = from.text
        .split(/\r?\n/)
        .flatMap((line) => /^(?:\S*[@:~]\S*)?\s*[$#%]\s+(.*)$/.exec(line)?.[1] ?? []);
      text = `---\ntitle: ${named}\n---\n\n## Steps\n\n${commands.map((command, index) => `### ${index + 1}. ${command.split(" ").slice(0, 3).join(" ")}\n\n\`\`\`sh\n${command}\n\`\`\`\n`).join("\n")}`;
    } else {
      const page = new DOMParser().parseFromString(from.html, "text/html");
      const out: string[] = [];
      for (const node of page.body.querySelectorAll("h1,h2,h3,p,li,pre")) {
        const words = (node.textContent ?? "").trim();
        const level = /^H(\d)$/.exec(node.tagName)?.[1];
        if (level) out.push(`${"#".repeat(Number(level))} ${words}`, "");
        else if (node.tagName === "LI") out.push(`- ${words}`);
        else if (node.tagName === "PRE") out.push("```sh", words, "```", "");
        else out.push(words, "");
      }
      text = `${out.join("\n").trimEnd()}\n`;
    }
    const file = `${
      named
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "") || "runbook"
    }.md`;
    return { text, title: named, file_name: file };
  }

  private tryBlock({ path, text, item, hash, values }: TryBlock): RunView {
    const looked = this.look(path, text);
    if (!looked.view.trusted)
      throw problem("not_trusted", "Its folder is not trusted yet: look at it and trust it first.");
    const found = looked.view.items[item];
    if (!found) throw problem("not_found", `There is no block "${item}" in this text.`);
    if (found.hash !== hash) throw problem("stale", `"${item}" has changed since it was looked at: try it again.`);
    const placeholders = found.placeholders.filter((name) => !values[name]);
    if (placeholders.length > 0)
      throw problem("needs_values", `"${item}" needs values: ${placeholders.join(", ")}.`, {
        placeholders,
        doubts: [],
        variables: [],
      });
    const plays = new Map<string, Play>();
    const fails = /\bfalse\b|exit 1/.test(found.script);
    plays.set(item, {
      lines: found.script.split("\n").map((line) => line.replace(/^echo\s+/, "")),
      takes: /\bsleep\b/.test(found.script) ? 60_000 : 800,
      exit: fails ? 1 : 0,
      observed: found.expects.map(
        (expect) => [expect, fails ? "not found" : "found, line 1", !fails] as [string, string, boolean],
      ),
    });
    return this.world.startScratch({ view: looked.view, plays }, item, values);
  }

  handlers(): { [K in CommandName]?: (given: Arguments<K>) => Result<K> } {
    return {
      source: ({ path }) => this.source(path),
      draft_keep: ({ path, base, text }: KeepDraft) => {
        this.drafts.set(path, { base, text, at: new Date().toISOString() });
        return null;
      },
      draft_drop: ({ path }) => {
        this.drafts.delete(path);
        return null;
      },
      set_aside: ({ path, text }: KeepDraft) => {
        const { revisions } = this.file(path);
        const at = new Date().toISOString();
        const newest = revisions.pop();
        revisions.push(this.revision(text, revisions.length + 1, "Set aside, never saved", at, "here"));
        if (newest) revisions.push({ ...newest, row: { ...newest.row, number: revisions.length + 1 } });
        this.drafts.delete(path);
        return null;
      },
      drafts: () =>
        [...this.drafts].map(([path, draft]) => ({
          path,
          title: /^title:\s*(.*)$/m.exec(draft.text)?.[1] ?? path.split("/").pop() ?? path,
          at: draft.at,
        })),
      look: ({ path, text, page, around }) => {
        const looked = this.look(path, text);
        const all = text.split("\n").length;
        const cut = page && around !== null && text.length > 100_000;
        const shown = cut ? { first: Math.max(1, around - 40), last: Math.min(all, around + 40), all } : null;
        return page ? { ...looked, shown } : { ...looked, view: null };
      },
      save: (given) => this.save(given),
      history: ({ path, offset, limit }) => {
        const rows = [...this.file(path).revisions].reverse().map((one) => one.row);
        return { rows: rows.slice(offset, offset + limit), total: rows.length };
      },
      compare: ({ path, from, to, text }) => this.compare(path, from, to, text),
      git_state: ({ path }) => this.git(path),
      git_commit: ({ paths, message }) => {
        if (/fail/i.test(message))
          throw problem("file", "git: the hook pre-commit refused the commit (exit 1): the line is too long.");
        this.committed.push(message);
        this.gitState = "clean";
        const state = this.git(paths[0] ?? "");
        if (!state) throw problem("state", "The file is in no repository.");
        return state;
      },
      try_block: (given) => this.tryBlock(given),
      image_keep: ({ name, data }) => {
        if (!/\.(png|jpe?g|gif|webp|svg)$/i.test(name || "a.png"))
          throw problem("bad_input", `${name} is not kept: PNG, JPEG, GIF, WebP and SVG are pictures here.`);
        const link = `images/${name || "image.png"}`;
        this.images.set(link, `data:image/png;base64,${data}`);
        return { link };
      },
      image_read: ({ link }) => {
        const url = this.images.get(link);
        if (!url) throw problem("not_found", `There is no picture ${link}.`);
        return { url };
      },
      vocabulary: ({ path }) => this.words(path),
      templates: () => TEMPLATES.map(([name, title, summary, kind]) => ({ name, title, summary, kind })),
      make_text: ({ source, title }) => this.make(source, title),
      runbook_new: ({ library, relative, text }) => {
        const folder = this.world.folder(library);
        if (!folder) throw problem("not_found", "There is no such folder.");
        const path = `${folder.path}/${relative}`;
        if (this.world.book(path)) throw problem("file", `${relative} is there already: choose another name.`);
        const { view } = readMarkdown(path, relative, library, folder.trusted, text, ENVIRONMENTS);
        const built = build({ relative, title: view.title, sections: [] }, folder.path, library, folder.trusted);
        this.world.addBook(built);
        this.files.set(path, {
          text,
          modified: new Date().toISOString(),
          revisions: [this.revision(text, 1, null, new Date().toISOString(), "here")],
        });
        return path;
      },
    };
  }
}
