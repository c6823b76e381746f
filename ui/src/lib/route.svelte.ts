// Which screen is shown. It is kept in the address's fragment, so that a reload comes back to the same place.

import type { Mode } from "../bindings/types";

export type Route =
  | { screen: "library"; path?: string }
  | { screen: "edit"; path: string; line?: number }
  | { screen: "new"; title?: string }
  | { screen: "start"; path: string; mode?: Mode }
  | { screen: "run"; run: string }
  | { screen: "report"; run: string }
  | { screen: "suggestions"; run: string }
  | { screen: "compare"; one: string; other: string }
  | { screen: "runs" }
  | { screen: "access"; entry?: string }
  | { screen: "links"; link?: string }
  | { screen: "schedules" }
  | { screen: "settings" };

export function parseRoute(hash: string): Route {
  const [screen, id, more] = hash.replace(/^#\/?/, "").split("/");
  if (screen === "run" && id) return { screen: "run", run: decodeURIComponent(id) };
  if ((screen === "report" || screen === "suggestions") && id) return { screen, run: decodeURIComponent(id) };
  if (screen === "compare" && id && more)
    return { screen: "compare", one: decodeURIComponent(id), other: decodeURIComponent(more) };
  if (screen === "edit" && id) {
    const path = decodeURIComponent(id);
    return more && /^\d+$/.test(more) ? { screen: "edit", path, line: Number(more) } : { screen: "edit", path };
  }
  if (screen === "library" && id) return { screen: "library", path: decodeURIComponent(id) };
  if (screen === "start" && id) {
    const path = decodeURIComponent(id);
    return more === "auto" || more === "rehearse" ? { screen: "start", path, mode: more } : { screen: "start", path };
  }
  if (screen === "new") return id ? { screen: "new", title: decodeURIComponent(id) } : { screen: "new" };
  if (screen === "access") return id ? { screen: "access", entry: decodeURIComponent(id) } : { screen: "access" };
  if (screen === "runs") return { screen: "runs" };
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
    return `#/edit/${encodeURIComponent(route.path)}${route.line === undefined ? "" : `/${route.line}`}`;
  if (route.screen === "start")
    return `#/start/${encodeURIComponent(route.path)}${route.mode === undefined || route.mode === "hand" ? "" : `/${route.mode}`}`;
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
