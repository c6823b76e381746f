// The palette of the stand-in: what is called so, ranked by where a word stands and by what was chosen before.

import type {
  AccessRow,
  PaletteChoice,
  PaletteHit,
  PaletteKind,
  PaletteList,
  PaletteQuery,
  RunbookView,
  RunSummary,
  SavedLink,
  ShortcutView,
} from "../../bindings/types";

interface Sources {
  books: () => Iterable<RunbookView>;
  runs: () => RunSummary[];
  links: () => SavedLink[];
  entries: () => AccessRow[];
}

interface Thing {
  kind: PaletteKind;
  id: string;
  part: string;
  line: number | null;
  title: string;
  beside: string;
  /** What it is found by besides. */
  more: string;
  tags: string[];
  entry_kind: string | null;
  asks: string[];
}

const RECENT = 5;

export class PaletteMock {
  private readonly chosen: { text: string; key: string; count: number; at: number }[] = [];
  private clock = 0;

  constructor(private readonly from: Sources) {}

  readonly handlers = {
    palette_search: (query: PaletteQuery): PaletteList => ({ hits: this.search(query) }),
    palette_chosen: ({ text, kind, id, part }: PaletteChoice) => {
      const key = `${kind} ${id} ${part}`;
      const typed = formOf(text);
      this.clock += 1;
      const known = this.chosen.find((one) => one.text === typed && one.key === key);
      if (known) {
        known.count = Math.min(20, known.count + 1);
        known.at = this.clock;
      } else this.chosen.push({ text: typed, key, count: 1, at: this.clock });
      return null;
    },
    shortcut_read: (): ShortcutView => ({ possible: true, trouble: null }),
    find_next: () => false,
    palette_forget: () => {
      this.chosen.length = 0;
      return null;
    },
  };

  private things({ actions }: PaletteQuery): Thing[] {
    const none = { part: "", line: null, beside: "", more: "", tags: [], entry_kind: null, asks: [] };
    const found: Thing[] = this.from.runs().map((run) => {
      const beside = `${run.state === "waiting" ? "waits for you" : run.state}, ${run.done} of ${run.total} done`;
      return { ...none, kind: "run", id: run.id, title: run.title, beside };
    });
    for (const book of this.from.books()) {
      const { path: id, title, relative, tags } = book;
      found.push({ ...none, kind: "runbook", id, title, beside: relative, tags });
      for (const step of book.sections.flatMap((section) => section.steps))
        found.push({ ...none, kind: "step", id, part: step.title, line: step.line, title: step.title, beside: title });
    }
    for (const link of this.from.links()) {
      const asks = link.parameters.filter((name) => !name.startsWith("run."));
      const wanted = asks.length > 0 ? `asks for ${asks.map((name) => `{{${name}}}`).join(", ")}` : "";
      const beside = [link.group ?? "", wanted].filter((text) => text !== "").join(", ");
      const more = `${link.address} ${link.keys ?? ""}`;
      found.push({ ...none, kind: "link", id: link.id, title: link.title, beside, more, tags: link.tags, asks });
    }
    for (const book of this.from.books())
      for (const link of book.links.filter((one) => /^[a-z][a-z0-9+.-]*:/i.test(one.url))) {
        const { url: part, text: title } = link;
        found.push({ ...none, kind: "link", id: book.path, part, title, beside: book.title, more: part });
      }
    for (const entry of this.from.entries()) {
      const at = entry.address === null ? "" : `, ${entry.user === null ? "" : `${entry.user}@`}${entry.address}`;
      const { name: id, kind: entry_kind, tags } = entry;
      found.push({ ...none, kind: "access", id, title: id, beside: `${entry_kind}${at}`, tags, entry_kind });
    }
    for (const one of actions)
      found.push({ ...none, kind: "action", id: one.id, title: one.title, beside: one.beside, more: one.words });
    return found;
  }

  private search(query: PaletteQuery): PaletteHit[] {
    const all = this.things(query);
    const text = query.text.trim();
    if (text === "") {
      const keys = [...this.chosen].sort((a, b) => b.at - a.at).map((one) => one.key);
      const found = [...new Set(keys)].map((key) => all.find((one) => keyOf(one) === key)).filter((one) => !!one);
      return found.slice(0, RECENT).map((one) => hitOf(one, []));
    }
    const scope = /^[>@#]/.test(text) ? text.charAt(0) : "";
    const words = formOf(scope === "" ? text : text.slice(1))
      .split(" ")
      .filter(Boolean);
    const tag = scope === "#" ? (words.shift() ?? "") : "";
    const ranked: { rank: number; thing: Thing }[] = [];
    for (const thing of all) {
      if (scope === ">" && thing.kind !== "action") continue;
      if (scope === "@" && thing.kind !== "access") continue;
      if (scope === "#" && !thing.tags.some((one) => one.toLowerCase().startsWith(tag))) continue;
      const score = scoreOf(thing, words);
      if (score !== null) ranked.push({ rank: score + this.learnt(thing, formOf(text)), thing });
    }
    ranked.sort((a, b) => b.rank - a.rank);
    return ranked.slice(0, query.limit || 20).map(({ thing }) => hitOf(thing, words));
  }

  private learnt(thing: Thing, text: string): number {
    let times = 0;
    for (const one of this.chosen) {
      if (one.key !== keyOf(thing) || one.text === "") continue;
      if (one.text === text) times += one.count;
      else if (text.startsWith(one.text) || one.text.startsWith(text)) times += one.count / 2;
    }
    return (4 * times) / (times + 8);
  }
}

function formOf(text: string): string {
  return text.trim().toLowerCase().split(/\s+/).join(" ");
}

function keyOf({ kind, id, part }: Thing): string {
  return `${kind} ${id} ${part}`;
}

function scoreOf(thing: Thing, words: string[]): number | null {
  const title = thing.title.toLowerCase();
  const beside = `${thing.beside} ${thing.more} ${thing.tags.join(" ")}`.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = title.indexOf(word);
    if (at >= 0) sum += at === 0 ? 1.1 : /\w/.test(title.charAt(at - 1)) ? 0.6 : 1;
    else if (thing.kind === "link" && thing.more.endsWith(` ${word}`)) sum += 1.8;
    else if (beside.includes(word)) sum += 0.5;
    else return null;
  }
  const exact = title === words.join(" ") ? 0.2 : 0;
  return sum / Math.max(1, words.length) + exact + nudgeOf(thing);
}

/** As the program has it: a run first, then runbooks; a link of a runbook after one that the person keeps. */
function nudgeOf({ kind, part }: Thing): number {
  if (kind === "link") return part === "" ? 0 : -0.02;
  return { run: 0.4, runbook: 0.16, step: -0.03, access: 0, action: 0 }[kind];
}

function hitOf(thing: Thing, words: string[]): PaletteHit {
  const { kind, id, part, line, entry_kind, asks } = thing;
  const inTitle = words.filter((word) => thing.title.toLowerCase().includes(word));
  const others = words.filter((word) => !inTitle.includes(word));
  const [title, beside] = [mark(thing.title, inTitle), mark(thing.beside, others)];
  return { kind, id, part, line, title, beside, entry_kind, asks };
}

function mark(text: string, words: string[]): string {
  let marked = text;
  for (const word of words) marked = marked.replace(new RegExp(word.replace(/[^\w]/g, "\\$&"), "i"), "\u0002$&\u0003");
  return marked;
}
