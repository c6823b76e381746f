import { expect, test } from "vitest";

import { parseRoute, routeHash, type Route } from "./route.svelte";

const routes: Route[] = [
  { screen: "library" },
  { screen: "library", path: "/a b/c#d.md" },
  { screen: "edit", path: "/a b/c#d.md" },
  { screen: "new" },
  { screen: "run", run: "019aac/ä b" },
  { screen: "edit", path: "/home/mara/run books/ä#1.md" },
  { screen: "edit", path: "/a.md", line: 31 },
  { screen: "runs" },
  { screen: "links" },
  { screen: "report", run: "019aac41" },
  { screen: "suggestions", run: "019aac41" },
  { screen: "compare", one: "019aac41", other: "019aab99" },
  { screen: "settings" },
];

test.each(routes)("%o comes back from the address", (route) => {
  expect(parseRoute(routeHash(route))).toEqual(route);
});

test.each(["", "#", "#/nowhere", "#/run", "#/run/"])("%s shows the library", (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: "library" });
});
