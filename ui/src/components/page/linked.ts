// What a check that stands for a run of another runbook offers to do.

import type { ItemStatus, LinkedRun, RunSummary } from "../../bindings/types";

/** What its button does: opens a run, goes to the one under way, or opens another one. */
export function openWords(under: LinkedRun | undefined, child: RunSummary | undefined, status: ItemStatus): string {
  if (under?.state === "opened") return child && !child.live ? "Go to its run" : "Go on in its run";
  return status === "failed" ? "Run it again" : "Open run";
}

/** What follows a check that stands for a run on its page, without the link that the check shows by itself; null where that is all. */
export function withoutItsLink(html: string): string | null {
  const rest = html.replace(/^((?:\s|<[^>]*>)*?)<p class="item-links">.*?<\/p>/s, "$1");
  return /<(?:img|video|svg)\b/.test(rest) || rest.replace(/<[^>]*>/g, "").trim() !== "" ? rest : null;
}

/** A sentence about a run with as much of its id as is shown elsewhere. */
export function shortIds(text: string): string {
  return text.replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "$1");
}
