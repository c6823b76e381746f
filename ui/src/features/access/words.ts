// How entries are listed and named. Pure.

import type { AccessRow, AccessView, KeeperView } from "../../bindings/types";
import { SEED } from "../../components/access/entry";
import { ago } from "../../lib/time";

export interface Kind {
  kind: string;
  /** Of many: the heading over them. */
  many: string;
  /** Of one. */
  one: string;
  icon: string;
  /** The secret that is usual. */
  secret: string;
}

export const KINDS: readonly Kind[] = [
  { kind: "ssh", many: "SSH hosts", one: "SSH host", icon: "terminal", secret: "password" },
  { kind: "database", many: "Databases", one: "Database", icon: "database", secret: "password" },
  { kind: "token", many: "API tokens", one: "API token", icon: "key-round", secret: "token" },
  { kind: "web", many: "Web logins", one: "Web login", icon: "globe", secret: "password" },
  { kind: "container", many: "Containers", one: "Container", icon: "container", secret: "password" },
  { kind: "note", many: "Notes", one: "Note", icon: "sticky-note", secret: "text" },
];

const OTHER: Kind = { kind: "", many: "Others", one: "Entry", icon: "key-round", secret: "password" };

export const kindOf = (kind: string): Kind => KINDS.find((one) => one.kind === kind) ?? OTHER;

export interface Group {
  kind: Kind;
  rows: AccessRow[];
}

/** Under headings, in the order of the kinds; within one by name, as they come. */
export function grouped(rows: readonly AccessRow[]): Group[] {
  return [...KINDS, OTHER]
    .map((kind) => ({ kind, rows: rows.filter((row) => kindOf(row.kind) === kind) }))
    .filter((group) => group.rows.length > 0);
}

/** Where it is, as one would write it: `app@db1:5433`. */
export function place(row: AccessRow): string {
  const { address, port, user } = row;
  if (address === null) return user ?? "";
  return `${user === null ? "" : `${user}@`}${address}${port === null ? "" : `:${port}`}`;
}

/** Days before its end from which an entry is marked. */
export const SOON = 14;

/** What is said of its end in a list; null where that is nothing to look at. */
export function ends(days: number | null): string | null {
  if (days === null || days > SOON) return null;
  if (days < 0) return "expired";
  if (days === 0) return "last day";
  return days === 1 ? "1 day left" : `${days} days left`;
}

export const used = (row: AccessRow, now: number): string => (row.used_at === null ? "" : ago(row.used_at, now));

/** The secret that is meant where none is named: the usual one of its kind, or the only one there is. */
export function usualSecret(row: AccessRow): string | null {
  const names = row.secrets.map((secret) => secret.name);
  const usual = kindOf(row.kind).secret;
  if (names.includes(usual)) return usual;
  const others = names.filter((name) => name !== SEED);
  return others.length === 1 ? (others[0] ?? null) : null;
}

/** Names that a new secret of it could have, less those that it has. */
export function freeFields(row: AccessRow): string[] {
  const names = [kindOf(row.kind).secret, ...(row.kind === "ssh" ? ["key", "passphrase"] : []), "token", SEED];
  return [...new Set(names)].filter((name) => !row.secrets.some((secret) => secret.name === name));
}

/** What a person wants done with the vault. */
export type Wish = "create" | "passphrase" | "to-vault" | "to-keychain";

export const KEEPERS: Record<string, string> = { keychain: "this machine's keychain", vault: "the vault" };

export const keeperName = (place: string): string => KEEPERS[place] ?? place;

export interface Trouble {
  /** What is so. */
  what: string;
  /** In the words of what keeps the secrets. */
  why: string | null;
  does: "unlock" | "open" | "choose" | "again";
}

/** What stands between a person and the secrets, if anything. */
export function trouble(keeper: KeeperView | null): Trouble | null {
  if (keeper === null) return null;
  const { keychain, keychain_problem: why } = keeper;
  if (keeper.keeper === "keychain" || keeper.in_keychain > 0) {
    if (keychain === "locked")
      return { what: "The keychain is locked. Names are shown, secrets are not.", why: null, does: "unlock" };
    if (keychain === "absent") return { what: "There is no keychain.", why, does: "choose" };
    if (keychain === "failing") return { what: "The keychain cannot be used.", why, does: "again" };
  }
  if (keeper.vault_exists && !keeper.vault_open && (keeper.keeper === "vault" || keeper.in_vault > 0))
    return { what: "The vault is locked. Names are shown, secrets are not.", why: null, does: "open" };
  if (!keeper.vault_exists && (keeper.keeper === "vault" || keeper.in_vault > 0))
    return {
      what: "The vault is gone.",
      why: `There is no file at ${keeper.vault}: put a copy of it back.`,
      does: "again",
    };
  return null;
}

/** Whether the secrets in that place cannot be had now. */
export function shut(keeper: KeeperView | null, place: string): boolean {
  if (keeper === null) return false;
  return place === "vault" ? !keeper.vault_open : keeper.keychain !== "open";
}

/** Whether the secrets in that place cannot be had now, whatever a person answers. */
export const outOfReach = (keeper: KeeperView | null, place: string): boolean =>
  place === "keychain" && (keeper?.keychain === "absent" || keeper?.keychain === "failing");

/** What is lost with an entry, a sentence each. */
export function lostWith(view: AccessView): string[] {
  const names = view.secrets.map((secret) => secret.name);
  const places = [...new Set(view.secrets.map((secret) => keeperName(secret.place)))].join(" and ");
  const says: string[] = [];
  if (names.length > 0)
    says.push(
      `${names.length === 1 ? "Its secret" : "Its secrets"} (${names.join(", ")}) ${names.length === 1 ? "goes" : "go"} out of ${places}. That cannot be taken back.`,
    );
  if (view.used_by.length > 0)
    says.push(
      view.used_by.length === 1
        ? `${view.used_by[0]?.title ?? "A runbook"} refers to it, and will not start without it.`
        : `${view.used_by.length} runbooks refer to it, and will not start without it.`,
    );
  if (view.grants.length > 0)
    says.push(
      `That ${view.grants.length === 1 ? "a library" : `${view.grants.length} libraries`} may use it is forgotten.`,
    );
  return says;
}
