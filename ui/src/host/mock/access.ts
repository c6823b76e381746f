// Access entries of the stand-in. Its keychain is a map, and scenes lock it or take it away.

import type {
  AccessDetails,
  AccessField,
  AccessGrant,
  AccessImportRow,
  AccessList,
  AccessQuery,
  AccessRow,
  AccessUse,
  AccessView,
  AddAccess,
  ApiError,
  BringAccess,
  BringPlan,
  ConnectAccess,
  CopiedSecret,
  EditAccess,
  GrantAccess,
  KeeperView,
  KeptAccess,
  News,
  SetSecret,
  TerminalEnd,
} from "../../bindings/types";
import type { CommandName, Connected, Result } from "../host";
import { connect, connects, type MockTerminal } from "./connecting";

const DAY = 24 * 3_600_000;
const KINDS = ["ssh", "database", "token", "web", "container", "note"];

interface Kept {
  row: AccessRow;
  values: Map<string, string>;
  uses: AccessUse[];
  grants: AccessGrant[];
  added: string;
  changed: string;
}

const at = (ago: number): string => new Date(Date.now() - ago).toISOString();

function problem(code: ApiError["code"], message: string): ApiError {
  return { code, message };
}

type Spec = [
  kind: string,
  name: string,
  address: string,
  user: string | null,
  used: number | null,
  more?: Partial<AccessRow>,
];

const SPECS: Spec[] = [
  [
    "ssh",
    "orders-db-01",
    "orders-db-01",
    "oncall",
    0.01,
    { group: "orders", tags: ["prod"], note: "through bastion-1" },
  ],
  ["ssh", "edge-a", "edge-a.eu-west-1", "deploy", 1.2, { group: "edge", tags: ["prod", "eu"] }],
  ["ssh", "build-01", "build-01", "ci", 5],
  ["ssh", "bastion-1", "bastion-1.eu-west-1", "mk", 0.02, { port: 2222, tags: ["prod"] }],
  [
    "database",
    "Orders, read and write",
    "orders-rw.internal",
    "oncall_rw",
    0.1,
    {
      port: 5432,
      group: "orders",
      tags: ["prod"],
      command: 'psql "host=orders-rw.internal dbname=orders user=oncall_rw"',
    },
  ],
  ["database", "Orders, read-only", "orders-ro.internal", "report", 2, { port: 5432, group: "orders" }],
  ["database", "Billing, backup role", "billing-db.internal", "backup", 0.4, { port: 5432 }],
  ["token", "DNS provider, zone edit", "api.dns.example", null, 12, { expires_days: 10, tags: ["dns"] }],
  ["token", "Old deploy token", "deploy.example", null, 90, { expires_days: -3 }],
  ["web", "Payment provider console", "https://console.pay.example", "ops@allgood.example", 9],
  ["web", "Customer admin", "admin.example.com", "mara", 1.5],
  ["note", "Door code of the depot", "", null, null, { note: "The lower lock first." }],
];

export class AccessMock {
  readonly entries: Kept[] = [];
  keeper: KeeperView = {
    keeper: "keychain",
    keychain: "open",
    keychain_problem: null,
    vault: "/home/mara/.local/share/allgood/vault.age",
    vault_exists: false,
    vault_open: false,
    in_keychain: 0,
    in_vault: 0,
  };
  /** What was put on the clipboard, in order. */
  readonly copied: string[] = [];
  /** Every connection that was begun, in order. */
  readonly terminals: MockTerminal[] = [];
  passphrase = "";
  private copies = 0;
  private ending: ReturnType<typeof setTimeout> | null = null;

  constructor(
    scene: string,
    private readonly tell: (news: News) => void,
    private readonly opened: string[],
  ) {
    if (scene === "empty") return;
    for (const spec of SPECS) this.entries.push(entry(spec, this.entries.length));
    if (scene === "errors") {
      this.keeper.keychain = "locked";
      this.keeper.keychain_problem = "this machine's keychain is locked: unlock it and try again";
    }
    this.count();
  }

  private count(): void {
    const secrets = this.entries.flatMap((one) => one.row.secrets);
    this.keeper.in_vault = secrets.filter((one) => one.place === "vault").length;
    this.keeper.in_keychain = secrets.length - this.keeper.in_vault;
  }

  private find(name: string): Kept {
    const found = this.entries.find((one) => one.row.name.toLowerCase() === name.toLowerCase());
    if (!found) throw problem("not_found", `There is no access entry "${name}".`);
    return found;
  }

  private view(kept: Kept): AccessView {
    return structuredClone({
      ...kept.row,
      connects: connects(kept.row),
      added_at: kept.added,
      changed_at: kept.changed,
      used_by: kept.uses,
      grants: kept.grants,
    });
  }

  connect(
    asked: ConnectAccess,
    onOutput: (bytes: Uint8Array, taken: () => void) => void,
    onEnd: (end: TerminalEnd) => void,
  ): Connected {
    const { row } = this.find(asked.entry);
    for (const secret of row.secrets) this.reach(secret.place);
    row.used_at = at(0);
    row.uses += 1;
    return connect(row, asked, this.terminals, onOutput, onEnd);
  }

  private reach(place: string): void {
    if (place === "vault" && !this.keeper.vault_open)
      throw problem("vault_locked", `the vault ${this.keeper.vault} is locked: its passphrase has to be given`);
    if (place === "keychain" && this.keeper.keychain !== "open")
      throw problem("keychain", this.keeper.keychain_problem ?? "this machine's keychain cannot be had");
  }

  private fetch({ entry, field }: AccessField): string {
    const kept = this.find(entry);
    const secret = kept.row.secrets.find((one) => one.name === (field ?? one.name));
    if (!secret) throw problem("not_found", `${entry} has no secret "${field}".`);
    this.reach(secret.place);
    kept.row.used_at = at(0);
    kept.row.uses += 1;
    return kept.values.get(secret.name) ?? "";
  }

  private keep(kept: Kept, field: string, value: string): string[] {
    if (value === "")
      throw problem("bad_input", `The secret "${field}" of ${kept.row.name} is empty, so nothing was kept.`);
    const place = this.keeper.keeper;
    this.reach(place);
    kept.values.set(field, value);
    const others = kept.row.secrets.filter((one) => one.name !== field);
    kept.row.secrets = [...others, { name: field, place, set_at: at(0) }].sort((a, b) => a.name.localeCompare(b.name));
    this.count();
    return [...value].length < 4 ? [`${field}: the secret has only ${value.length} characters`] : [];
  }

  private copy(text: string): CopiedSecret {
    this.copied.push(text);
    this.copies += 1;
    const copy = this.copies;
    if (this.ending !== null) clearTimeout(this.ending);
    this.ending = setTimeout(() => this.tell({ news: "copied", copy, replaced: false }), 30_000);
    return { copy, seconds: 30 };
  }

  private list(query: AccessQuery): AccessList {
    const words = query.words.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.entries.map((one) => one.row);
    const count = (values: string[]): { value: string; count: number }[] =>
      [...new Set(values)].sort().map((value) => ({ value, count: values.filter((one) => one === value).length }));
    const fits = (row: AccessRow): boolean => {
      const text = [row.name, row.kind, row.group, row.address, row.user, row.note, ...row.tags]
        .join("\n")
        .toLowerCase();
      return (
        words.every((word) => text.includes(word)) &&
        (query.kind === null || row.kind === query.kind) &&
        (query.group === null || (row.group ?? "") === query.group) &&
        (query.tag === null || row.tags.includes(query.tag))
      );
    };
    return structuredClone({
      entries: rows
        .filter(fits)
        .map((row) => ({ ...row, connects: connects(row) }))
        .sort((a, b) => a.name.localeCompare(b.name)),
      all: rows.length,
      kinds: KINDS.map((value) => ({ value, count: rows.filter((row) => row.kind === value).length })),
      groups: count(rows.flatMap((row) => (row.group === null ? [] : [row.group]))),
      tags: count(rows.flatMap((row) => row.tags)),
    });
  }

  private change(row: AccessRow, given: AccessDetails): void {
    const text = (there: string | null, now: string | undefined): string | null =>
      now === undefined ? there : now || null;
    row.group = text(row.group, given.group);
    row.address = text(row.address, given.address);
    row.user = text(row.user, given.user);
    row.command = text(row.command, given.command);
    row.note = text(row.note, given.note);
    if (given.tags) row.tags = [...given.tags].sort();
    if (given.port !== undefined) row.port = given.port === 0 ? null : given.port;
    if (given.expires !== undefined) {
      if (given.expires !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(given.expires))
        throw problem("bad_input", `"${given.expires}" is no day on which secrets can expire: write it as 2027-02-20`);
      row.expires = given.expires || null;
      row.expires_days = row.expires === null ? null : Math.floor((Date.parse(row.expires) - Date.now()) / DAY) + 1;
    }
  }

  private free(name: string, id: string | null): void {
    if (/[/:"\\]/.test(name))
      throw problem(
        "bad_input",
        `"${name}" cannot be the name of an access entry: it holds one of / : " \\, which a runbook could not name`,
      );
    const taken = this.entries.find((one) => one.row.name.toLowerCase() === name.toLowerCase() && one.row.id !== id);
    if (taken)
      throw problem(
        "bad_input",
        `there is an access entry "${taken.row.name}" already: choose another name, or change that one`,
      );
  }

  private plan(): AccessImportRow[] {
    const row = (name: string, note: string | null, over: Partial<AccessImportRow> = {}): AccessImportRow => ({
      name,
      kind: "ssh",
      group: null,
      address: name,
      user: null,
      note,
      secrets: [],
      left: this.entries.some((one) => one.row.name === name)
        ? "there is an entry of that name, which stays as it is"
        : null,
      ...over,
    });
    return [
      row("bastion-1", "as mk, port 2222"),
      row("db-eu", "10.0.4.12, as oncall, through bastion-1"),
      row("staging", "as deploy"),
    ];
  }

  handlers(): { [K in CommandName]?: (given: never) => Result<K> } {
    return {
      access_list: (query: AccessQuery) => this.list(query),
      access_view: ({ entry: name }: { entry: string }) => this.view(this.find(name)),
      access_new: ({ entry: given, secrets }: AddAccess): KeptAccess => {
        this.free(given.name, null);
        const kept = entry([given.kind, given.name, "", null, null], this.entries.length + 100);
        kept.row.secrets = [];
        kept.values.clear();
        this.change(kept.row, given);
        if (secrets.length > 0) this.reach(this.keeper.keeper);
        this.entries.push(kept);
        const warnings = secrets.flatMap(({ field, value }) => this.keep(kept, field, value));
        return { view: this.view(kept), warnings };
      },
      access_edit: ({ entry: name, name: to, kind, ...rest }: EditAccess) => {
        const kept = this.find(name);
        if (to !== undefined) this.free(to, kept.row.id);
        this.change(kept.row, rest);
        kept.row.name = to ?? kept.row.name;
        kept.row.kind = kind ?? kept.row.kind;
        kept.changed = at(0);
        return this.view(kept);
      },
      access_remove: ({ entry: name }: { entry: string }) => {
        const kept = this.find(name);
        for (const secret of kept.row.secrets) this.reach(secret.place);
        this.entries.splice(this.entries.indexOf(kept), 1);
        this.count();
        return null;
      },
      access_secret_set: ({ entry: name, field, value }: SetSecret): KeptAccess => {
        const kept = this.find(name);
        const warnings = this.keep(kept, field, value);
        return { view: this.view(kept), warnings };
      },
      access_secret_forget: ({ entry: name, field }: AccessField) => {
        const kept = this.find(name);
        kept.row.secrets = kept.row.secrets.filter((one) => one.name !== field);
        this.count();
        return this.view(kept);
      },
      access_secret_reveal: (field: AccessField) => ({ text: this.fetch(field), seconds: 15 }),
      access_secret_copy: (field: AccessField) => this.copy(this.fetch(field)),
      access_copied_clear: () => {
        if (this.ending !== null) clearTimeout(this.ending);
        this.tell({ news: "copied", copy: this.copies, replaced: false });
        return null;
      },
      access_code_show: ({ entry: name }: { entry: string }) => {
        this.fetch({ entry: name, field: "totp" });
        return { code: "287082", seconds_left: 22, period: 30 };
      },
      access_code_copy: () => this.copy("287082"),
      access_open: ({ entry: name }: { entry: string }) => {
        const address = this.find(name).row.address ?? "";
        const whole = address.includes("://") ? address : `https://${address}`;
        this.opened.push(whole);
        return whole;
      },
      access_allow: ({ entries, path, allowed }: GrantAccess) => {
        for (const name of entries) {
          const kept = this.find(name);
          kept.grants = kept.grants.filter((one) => one.scope !== path);
          if (allowed) kept.grants.push({ scope: path, granted_at: at(0) });
        }
        return path;
      },
      access_bring_look: ({ source }: BringAccess): BringPlan => ({
        path: source.path ?? "/home/mara/.ssh/config",
        revision: "1",
        rows:
          source.from === "ssh"
            ? this.plan()
            : this.plan().map((row) => ({
                ...row,
                name: `${row.name} login`,
                kind: "web",
                secrets: ["password"],
                left: null,
              })),
      }),
      access_bring: ({ source, leave_out = [] }: BringAccess) => {
        const rows = this.plan().filter((row) => row.left === null && !leave_out.includes(row.name));
        for (const row of rows) {
          const kept = entry([row.kind, row.name, row.address ?? "", row.user, null], this.entries.length + 200);
          if (source.from === "ssh") kept.row.secrets = [];
          this.entries.push(kept);
        }
        this.count();
        return rows.length;
      },
      terminal_input: () => null,
      terminal_resize: () => null,
      terminal_taken: () => null,
      terminal_close: () => null,
      access_write: () => null,
      access_keeper: () => structuredClone(this.keeper),
      access_unlock: () => {
        this.keeper.keychain = "open";
        this.keeper.keychain_problem = null;
        return structuredClone(this.keeper);
      },
      access_vault_create: ({ passphrase }: { passphrase: string }) => {
        this.passphrase = passphrase;
        Object.assign(this.keeper, { keeper: "vault", vault_exists: true, vault_open: true });
        return structuredClone(this.keeper);
      },
      access_vault_unlock: ({ passphrase }: { passphrase: string }) => {
        if (passphrase !== this.passphrase)
          throw problem("keychain", `that is not the passphrase of the vault ${this.keeper.vault}`);
        this.keeper.vault_open = true;
        return structuredClone(this.keeper);
      },
      access_vault_passphrase: ({ passphrase }: { passphrase: string }) => {
        this.reach("vault");
        this.passphrase = passphrase;
        return structuredClone(this.keeper);
      },
      access_vault_lock: () => {
        this.keeper.vault_open = false;
        return structuredClone(this.keeper);
      },
      access_secrets_move: ({ to }: { to: string }) => {
        this.reach("vault");
        this.reach("keychain");
        for (const kept of this.entries) for (const secret of kept.row.secrets) secret.place = to;
        this.keeper.keeper = to;
        this.count();
        return structuredClone(this.keeper);
      },
    };
  }
}

function entry([kind, name, address, user, used, more = {}]: Spec, index: number): Kept {
  const names: Record<string, string[]> = { token: ["token"], web: ["password", "totp"], note: [] };
  const secrets = (names[kind] ?? ["password"]).map((one) => ({ name: one, place: "keychain", set_at: at(41 * DAY) }));
  const days = more.expires_days ?? null;
  const row: AccessRow = {
    id: `019aad00-0000-7000-8000-${String(index).padStart(12, "0")}`,
    name,
    kind,
    group: null,
    tags: [],
    address: address || null,
    port: null,
    user,
    command: null,
    connects: null,
    note: null,
    expires: days === null ? null : at(-days * DAY).slice(0, 10),
    expires_days: null,
    secrets,
    used_at: used === null ? null : at(used * DAY),
    uses: used === null ? 0 : 12,
    ...more,
  };
  const db = name === "Orders, read and write";
  return {
    row,
    values: new Map(secrets.map((one) => [one.name, `of ${name}`])),
    uses: db
      ? [
          {
            path: "/home/mara/runbooks/databases/failover.md",
            title: "Fail over the orders database",
            written: "PGPASSWORD: keychain://orders-rw/password",
            environment: "prod",
          },
          {
            path: "/home/mara/runbooks/queues/move-broker.md",
            title: "Move the broker to the spare",
            written: "DB_PASSWORD: keychain://Orders, read and write/password",
            environment: null,
          },
        ]
      : [],
    grants: db ? [{ scope: "/home/mara/runbooks", granted_at: at(30 * DAY) }] : [],
    added: at(200 * DAY),
    changed: at(41 * DAY),
  };
}
