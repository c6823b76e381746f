// What is said of a text: what it stands on, and when it was last on disk.

import { timeOfDay } from "../../lib/time";

export interface Standing {
  dirty: boolean;
  base: string | null;
  revisions: number;
  keptAt: number | null;
  savedAt: number | null;
  keepFailure: string | null;
}

/** "draft over revision 14, kept on disk 4 s ago". */
export function standing(of: Standing, now: number): string {
  const revision = of.revisions > 0 ? `revision ${of.revisions}` : "";
  if (!of.dirty) {
    const saved = of.savedAt === null ? "" : `saved ${ago(of.savedAt, now)}`;
    return [revision, saved].filter(Boolean).join(", ") || "nothing changed";
  }
  const over = revision ? `draft over ${revision}` : "draft";
  if (of.keepFailure !== null) return `${over}, not on disk`;
  return of.keptAt === null ? over : `${over}, kept on disk ${ago(of.keptAt, now)}`;
}

export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const days = Math.floor(seconds / 86_400);
  if (days < 1) return `at ${timeOfDay(new Date(at).toISOString())}`;
  return `${days} ${days === 1 ? "day" : "days"} ago`;
}
