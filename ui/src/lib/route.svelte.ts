// Which screen is shown. It is kept in the address's fragment, so that a reload comes back to the same place.

import type { Mode } from "../bindings/types";

export type Route =
  | { screen: "library"; path?: string }
  /** What changed in a folder of the library, by its id. */
  | { screen: "changes"; library: number }
  | { screen: "edit"; path: string; line?: number; history?: true }
  | { screen: "new"; title?: string }
  /** Of the whole runbook, or of one step by its title. */
  | { screen: "start"; path: string; mode?: Mode; step?: string }
  | { screen: "run"; run: string }
  | { screen: "report"; run: string }
  | { screen: "suggestions"; run: string }
  | { screen: "compare"; one: string; other: string }
  /** All of them, or those of one runbook by its path. */
  | { screen: "runs"; runbook?: string }
  | { screen: "access"; entry?: string }
  | { screen: "links"; link?: string }
  | { screen: "schedules" }
  | { screen: "settings" };

export function parseRoute(hash: string): Route {
  const [screen, id, more, part] = hash.replace(/^#\/?/, "").split("/");
  if (screen === "run" && id) return { screen: "run", run: decodeURIComponent(id) };
  if ((screen === "report" || screen === "suggestions") && id) return { screen, run: decodeURIComponent(id) };
  if (screen === "compare" && id && more)
    return { screen: "compare", one: decodeURIComponent(id), other: decodeURIComponent(more) };
  if (screen === "edit" && id) {
    const path = decodeURIComponent(id);
    if (more === "history") return { screen: "edit", path, history: true };
    return more && /^\d+$/.test(more) ? { screen: "edit", path, line: Number(more) } : { screen: "edit", path };
  }
  if (screen === "library" && id) return { screen: "library", path: decodeURIComponent(id) };
  if (screen === "start" && id) {
    const path = decodeURIComponent(id);
    return {
      screen: "start",
      path,
      ...(more === "auto" || more === "rehearse" ? { mode: more } : {}),
      ...(part ? { step: decodeURIComponent(part) } : {}),
    };
  }
  if (screen === "changes" && id && /^\d+$/.test(id)) return { screen: "changes", library: Number(id) };
  if (screen === "new") return id ? { screen: "new", title: decodeURIComponent(id) } : { screen: "new" };
  if (screen === "access") return id ? { screen: "access", entry: decodeURIComponent(id) } : { screen: "access" };
  if (screen === "runs") return id ? { screen: "runs", runbook: decodeURIComponent(id) } : { screen: "runs" };
  if (screen === "links") return id ? { screen: "links", link: decodeURIComponent(id) } : { screen: "links" };
  if (screen === "schedules") return { screen: "schedules" };
  if (screen === "settings") return { screen: "settings" };
  return { screen: "library" };
}

export function routeHash(route: Route): string {
  if (route.screen === "run" || route.screen === "report" || route.screen === "suggestions")
    return `#/${route.screen}/${encodeURIComponent(route.run)}`;
  if (route.screen === "compare")
    return `#/compare/${encodeURIComponent(route.one)}/${encodeURIComponent(route.other)}`;
  if (route.screen === "edit")
    return `#/edit/${encodeURIComponent(route.path)}${route.history ? "/history" : route.line === undefined ? "" : `/${route.line}`}`;
  if (route.screen === "start") {
    const mode = route.mode === undefined || route.mode === "hand" ? "" : `/${route.mode}`;
    const step = route.step === undefined ? mode : `${mode || "/hand"}/${encodeURIComponent(route.step)}`;
    return `#/start/${encodeURIComponent(route.path)}${step}`;
  }
  if (route.screen === "changes") return `#/changes/${route.library}`;
  if (route.screen === "runs" && route.runbook !== undefined) return `#/runs/${encodeURIComponent(route.runbook)}`;
  if (route.screen === "library" && route.path !== undefined) return `#/library/${encodeURIComponent(route.path)}`;
  if (route.screen === "access" && route.entry !== undefined) return `#/access/${encodeURIComponent(route.entry)}`;
  if (route.screen === "links" && route.link !== undefined) return `#/links/${encodeURIComponent(route.link)}`;
  if (route.screen === "new" && route.title !== undefined) return `#/new/${encodeURIComponent(route.title)}`;
  return `#/${route.screen}`;
}

class Router {
  current = $state<Route>(parseRoute(globalThis.location?.hash ?? ""));

  /** Follows the address; the answer stops it. */
  follow(): () => void {
    const changed = (): void => {
      this.current = parseRoute(location.hash);
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }

  go(route: Route): void {
    const hash = routeHash(route);
    if (location.hash === hash) this.current = route;
    else location.hash = hash;
  }
}

export const router = new Router();
