// The whole interface on the stand-in host, for journeys through it.

import { render } from "@testing-library/svelte";
import axe from "axe-core";

import App from "../App.svelte";
import { startHost } from "../host";
import { mockHost, type Scene } from "../host/mock";
import { router, routeHash, type Route } from "../lib/route.svelte";

/** Shows that screen, on a host with that scene. */
export async function openApp(route: Route, scene: Scene = "full"): Promise<ReturnType<typeof mockHost>> {
  location.hash = routeHash(route);
  router.current = route;
  const host = mockHost(scene, 40);
  await startHost(host);
  render(App);
  return host;
}

/** What keeps those out who do not see or point; colours need a real browser. */
export async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ""}`);
}
