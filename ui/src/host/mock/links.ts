// Links of the stand-in: kept, filled, opened and brought in by the rules of the program.

import type {
  ApiError,
  EditLink,
  ImportLinks,
  LinkAnswer,
  LinkImportRow,
  LinksList,
  LinksPlan,
  LinksQuery,
  LinkView,
  NewLink,
  OpenedLink,
  OpenLinks,
  OpenRunbookLink,
  SavedLink,
} from "../../bindings/types";

interface Kept {
  id: string;
  title: string;
  address: string;
  group: string | null;
  tags: string[];
  pin: number | null;
  count: number;
  opened_at: string | null;
}

const HOUR = 3_600_000;
const PARAMETER = /\{\{[ \t]?([A-Za-z_][A-Za-z0-9_]*|run\.(?:start|end)_ms)[ \t]?\}\}/g;
const GRAFANA = "https://grafana.internal/d";

type Spec = [title: string, path: string, count: number, pinned?: boolean, tags?: string];

const STOCK: [string, Spec[]][] = [
  [
    "Dashboards",
    [
      [
        "Orders overview",
        `${GRAFANA}/orders?var-region={{region}}&from={{run.start_ms}}`,
        96,
        true,
        "dashboard,database",
      ],
      ["Edge status", `${GRAFANA}/edge?var-region={{region}}`, 40, true, "dashboard"],
    ],
  ],
  [
    "On call",
    [
      ["Alerts firing now", "https://alerts.internal/", 212],
      ["Open incidents", "https://tracker.internal/incidents", 80, true],
      ["Status page, post an update", "https://status.internal/new", 31],
      ["Bridge call", "https://meet.internal/bridge", 18],
      ["Write the review", "https://tracker.internal/reviews/new", 7],
    ],
  ],
  [
    "Databases",
    [
      ["Replication", `${GRAFANA}/pg-replication?var-region={{region}}&from=now-1h`, 64, false, "database"],
      ["Slow queries", `${GRAFANA}/pg-slow?var-env={{env}}`, 41, false, "database"],
      ["Pooler saturation", `${GRAFANA}/pooler?var-region={{region}}`, 22, false, "database"],
      ["Backups, last 14 nights", "https://backups.internal/", 15],
    ],
  ],
  [
    "Deploy and build",
    [
      ["Pipelines", "https://ci.internal/{{env}}", 96],
      ["Releases and their notes", "https://ci.internal/releases", 44],
      ["What shipped today", "https://ci.internal/{{env}}/today", 30, true],
      ["Feature flags", "https://flags.internal/{{env}}", 29],
    ],
  ],
  [
    "Hosts",
    [
      ["Log search", "https://logs.internal/?host={{host}}&from={{run.start_ms}}&to={{run.end_ms}}", 110, true],
      ["Disk use", `${GRAFANA}/disk?var-host={{host}}`, 73],
      ["Processes", `${GRAFANA}/processes?var-host={{host}}`, 27],
      ["Inventory", "https://inventory.internal/", 16],
    ],
  ],
  [
    "Billing",
    [
      ["Order by number", "https://admin.internal/orders/{{order}}", 70, true],
      ["Invoice by number", "https://billing.internal/invoices/{{invoice}}", 58],
      ["Dunning queue", "https://billing.internal/dunning", 21],
      ["Monthly export", "https://billing.internal/export", 4],
    ],
  ],
  [
    "Vendors",
    [
      ["Cloud provider health", "https://health.cloud.example/{{region}}", 14],
      ["CDN console", "https://console.cdn.example/", 8],
      ["SMS gateway", "https://sms.example/", 3],
    ],
  ],
];

const IMPORTED: Omit<LinkImportRow, "left">[] = [
  { title: "Runway lights", address: "https://lights.internal/", group: "Field", tags: [], pinned: false },
  { title: "Alerts", address: "https://alerts.internal/", group: "Field", tags: [], pinned: false },
  { title: "Bookmarklet", address: "javascript:alert(1)", group: null, tags: [], pinned: false },
];

function problem(code: ApiError["code"], message: string): ApiError {
  return { code, message };
}

export class LinksMock {
  private kept: Kept[] = [];
  private removed: Kept[] = [];
  private readonly used = new Map<string, string[]>();
  private next = 1;

  constructor(
    stocked: boolean,
    private readonly opened: string[],
    private readonly tagsOf: (run: string) => { tags: string[]; values: { [name in string]: string } },
    private readonly schemes: () => string[],
    private readonly linksOf: (path: string) => LinkView[],
  ) {
    if (!stocked) return;
    for (const [group, specs] of STOCK) {
      for (const [title, address, count, pinned, tags] of specs) {
        const kept = this.keep({ title, address, group, tags: tags?.split(",") ?? [], pinned: pinned ?? false });
        kept.count = count;
      }
    }
    for (const [name, value] of [
      ["region", "eu-west-1"],
      ["env", "prod"],
      ["host", "log-02"],
    ] as const) {
      this.used.set(name, [value]);
    }
  }

  get count(): number {
    return this.kept.length;
  }

  readonly handlers = {
    link_open: ({ url }: { url: string }) => {
      this.opened.push(url);
      if (!/^(https?|mailto):/.test(url)) {
        throw problem(
          "scheme",
          `The address ${url} is not opened: its scheme is not allowed. Allow it in the settings.`,
        );
      }
      return null;
    },
    link_list: (query: LinksQuery) => this.list(query),
    link_add: (link: NewLink) => this.shown(this.keep(link)),
    link_edit: ({ link, title, address, group, tags, pinned }: EditLink) => {
      const found = this.find(link);
      if (title !== undefined) found.title = this.free(title, found.id);
      if (address !== undefined) found.address = this.checked(address);
      if (group !== undefined) found.group = group.trim() || null;
      if (tags !== undefined) found.tags = [...tags].sort();
      if (pinned !== undefined) found.pin = pinned ? (found.pin ?? this.next++) : null;
      return this.shown(found);
    },
    link_remove: ({ link }: { link: string }) => {
      const found = this.find(link);
      this.kept = this.kept.filter((one) => one !== found);
      this.removed.push(found);
      return null;
    },
    link_restore: ({ link }: { link: string }) => {
      const found = this.removed.find((one) => one.id === link);
      if (!found) throw problem("not_found", "There is nothing to put back.");
      this.removed = this.removed.filter((one) => one !== found);
      this.kept.push(found);
      return this.shown(found);
    },
    runbook_link_open: ({ path, address, values, run }: OpenRunbookLink) => {
      const link = this.linksOf(path).find((one) => one.url === address);
      if (!link) throw problem("not_found", `${path} does not name that link any more: look at it again.`);
      const missing = [...address.matchAll(/\{\{([\w.-]+)\}\}/g)].map((found) => found[1] ?? "");
      const open = missing.filter((name) => !values[name]?.trim());
      if (open.length > 0) {
        const said = problem("needs_values", `A value is needed for ${open.join(", ")}: nothing was opened.`);
        throw { ...said, needs: { placeholders: open } };
      }
      const filled = address.replace(/\{\{([\w.-]+)\}\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
      this.opened.push(filled);
      return { title: link.text, address: filled, recorded: run !== undefined };
    },
    links_open: (request: OpenLinks) => this.open(request),
    links_check: ({ links }: OpenLinks) =>
      links.map((id): LinkAnswer => {
        const { title, address } = this.find(id);
        const there = !address.includes("sms");
        const says = there ? "answers" : "its host is not known";
        return { id, title, address, answers: there, status: there ? 200 : null, says };
      }),
    links_import_plan: (): LinksPlan => this.plan(),
    links_import: ({ seen }: ImportLinks) => {
      if (seen !== "seen") throw problem("stale", "The file has changed since it was shown: nothing was kept.");
      const coming = this.plan().rows.filter((row) => row.left === null);
      for (const row of coming) this.keep({ ...row, group: row.group ?? "" });
      return coming.length;
    },
    links_export: () => this.kept.length,
  };

  private plan(): LinksPlan {
    const left = (address: string): string | null => {
      const there = this.kept.find((one) => one.address === address);
      if (there) return `its address is there already, as "${there.title}"`;
      return /^https?:/.test(address) ? null : `links that begin with "${address.split(":")[0]}:" are never opened`;
    };
    return { seen: "seen", rows: IMPORTED.map((row) => ({ ...row, left: left(row.address) })) };
  }

  private keep({ title, address, group, tags, pinned }: NewLink): Kept {
    const id = `019aae${String(this.next).padStart(8, "0")}`;
    const kept: Kept = {
      id,
      title: this.free(title, id),
      address: this.checked(address),
      group: group?.trim() || null,
      tags: [...tags].sort(),
      pin: pinned ? this.next : null,
      count: 0,
      opened_at: null,
    };
    this.next += 1;
    this.kept.push(kept);
    return kept;
  }

  private free(title: string, id: string): string {
    const there = this.kept.find((one) => one.id !== id && one.title.toLowerCase() === title.trim().toLowerCase());
    if (there) {
      throw problem("bad_input", `there is a link "${there.title}" already: choose another title, or change that one`);
    }
    return title.trim();
  }

  private checked(address: string): string {
    const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? "";
    if (["http", "https", "mailto", ...this.schemes()].includes(scheme)) return address.trim();
    if (scheme === "") throw problem("scheme", `"${address}" is no address that can be opened: write it in full.`);
    throw problem("scheme", `links that begin with "${scheme}:" are not opened: allowed are http, https, mailto`);
  }

  private find(name: string): Kept {
    const found = this.kept.find((one) => one.id === name || one.title.toLowerCase() === name.toLowerCase());
    if (!found) throw problem("not_found", `There is no link "${name}".`);
    return found;
  }

  private letters(): Map<string, string> {
    const groups = new Map<string, string>();
    const taken = new Map<string, Set<string>>();
    const found = new Map<string, string>();
    const free = (name: string, used: ReadonlySet<string>): string | undefined => {
      const begins = name.split(/[^\p{L}\p{N}]+/u).map((word) => word.slice(0, 1));
      const all = [...begins, ...name, ..."abcdefghijklmnopqrstuvwxyz"].map((letter) => letter.toLowerCase());
      return all.find((letter) => /^[a-z]$/.test(letter) && !used.has(letter));
    };
    for (const link of [...this.kept].sort((one, other) => one.id.localeCompare(other.id))) {
      const group = link.group ?? "";
      const first = groups.get(group) ?? free(group, new Set(groups.values()));
      if (first === undefined) continue;
      groups.set(group, first);
      const used = taken.get(group) ?? new Set();
      taken.set(group, used);
      const second = free(link.title, used);
      if (second === undefined) continue;
      used.add(second);
      found.set(link.id, first + second);
    }
    return found;
  }

  private shown(link: Kept, given: { [name in string]: string } = {}): SavedLink {
    const now = Date.now();
    const values: { [name in string]: string } = {
      "run.start_ms": String(now - HOUR),
      "run.end_ms": String(now),
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== "")),
    };
    const parameters = [...new Set([...link.address.matchAll(PARAMETER)].map((match) => match[1] ?? ""))];
    const missing = parameters.filter((name) => values[name] === undefined);
    const pins = this.kept.filter((one) => one.pin !== null).sort((one, other) => (one.pin ?? 0) - (other.pin ?? 0));
    const filled = link.address.replace(PARAMETER, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    return {
      id: link.id,
      title: link.title,
      address: link.address,
      place: link.address.replace(/^[a-z]+:\/*/i, "").replace(/[/?#].*$/, ""),
      group: link.group,
      tags: link.tags,
      pin: link.pin === null ? null : pins.indexOf(link) + 1,
      keys: this.letters().get(link.id) ?? null,
      parameters,
      missing,
      filled: Object.fromEntries(
        parameters.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
      ),
      opens: missing.length > 0 ? null : filled,
      refused: null,
      count: link.count,
      opened_at: link.opened_at,
      added_at: "2026-11-01T08:00:00.000Z",
    };
  }

  private list(query: LinksQuery): LinksList {
    const run = query.run === undefined ? null : this.tagsOf(query.run);
    const all = this.kept.map((link) => this.shown(link, { ...run?.values, ...query.values }));
    const words = query.words.toLowerCase().split(/\s+/).filter(Boolean);
    const letters = words.join("");
    const text = (link: SavedLink): string =>
      [link.title, link.address, link.group ?? "", ...link.tags].join("\n").toLowerCase();
    const matches = (link: SavedLink): boolean =>
      (link.keys === letters || words.every((word) => text(link).includes(word))) &&
      (query.group === undefined || (link.group ?? "") === query.group) &&
      (query.tag === undefined || link.tags.includes(query.tag)) &&
      (!query.of_runbook || run === null || link.tags.some((tag) => run.tags.includes(tag))) &&
      (!query.pinned || link.pin !== null);
    const names = [...new Set(all.flatMap((link) => link.parameters))].filter((name) => !name.startsWith("run."));
    return {
      links: all
        .filter(matches)
        .sort(
          (one, other) =>
            Number(other.keys === letters) - Number(one.keys === letters) ||
            Number(one.group === null) - Number(other.group === null) ||
            (one.group ?? "").localeCompare(other.group ?? "") ||
            other.count - one.count,
        ),
      all: all.length,
      groups: [...new Set(all.flatMap((link) => link.group ?? []))].sort(),
      tags: [...new Set(all.flatMap((link) => link.tags))].sort(),
      parameters: names
        .map((name) => ({
          name,
          links: all.filter((link) => link.parameters.includes(name)).length,
          used: this.used.get(name) ?? [],
        }))
        .sort((one, other) => other.links - one.links || one.name.localeCompare(other.name)),
    };
  }

  private open({ links, values, run }: OpenLinks): OpenedLink[] {
    const known = run === undefined ? values : { ...this.tagsOf(run).values, ...values };
    const found = links.map((link) => ({ kept: this.find(link), shown: this.shown(this.find(link), known) }));
    const missing = [...new Set(found.flatMap(({ shown }) => shown.missing))].sort();
    if (missing.length > 0) {
      throw {
        ...problem("needs_values", `A value is needed for ${missing.join(", ")}: nothing was opened.`),
        needs: { placeholders: missing, doubts: [], variables: [] },
      };
    }
    return found.map(({ kept, shown }) => {
      kept.count += 1;
      kept.opened_at = new Date().toISOString();
      for (const name of shown.parameters) {
        const value = values[name];
        if (value) this.used.set(name, [value, ...(this.used.get(name) ?? []).filter((one) => one !== value)]);
      }
      this.opened.push(shown.opens ?? "");
      return { title: kept.title, address: shown.opens ?? "", recorded: run !== undefined };
    });
  }
}
