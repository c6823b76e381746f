// Runs axe-core in a real Chromium over every screen in both lights: contrast too, which jsdom cannot see. Needs
// `npm run dev` under way. Ends with 1 when something is found.

import { readFileSync } from "node:fs";

import { chromium } from "playwright-core";

const base = process.env.BASE ?? "http://localhost:5173";
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const LIVE = "019aac41d07be8035ac1d64f0288a3e8";
const FAILED = "019aab99d07be8035ac1d64f0288a3e8";
const only = process.argv[2];
const EDIT = `/#/edit/${encodeURIComponent("/home/mara/runbooks/queues/move-broker.md")}`;
const pages = [
  ["library", "/#/library"],
  ["first start", "/?scene=empty#/library"],
  ["untrusted", "/?scene=untrusted#/library"],
  ["errors", "/?scene=errors#/library"],
  ["library's menu", "/#/library", (page) => page.click("[data-testid=runbook-row]", { button: "right" })],
  ["library's order", "/#/library", (page) => page.click("[data-testid=sort]")],
  ["renaming", "/#/library", (page) => page.keyboard.press("F2")],
  ["bin", "/#/library", (page) => page.keyboard.press("Delete")],
  [
    "import",
    "/#/library",
    async (page) => (await page.click("[data-testid=open-import]"), await page.click("text=Choose")),
  ],
  ["new runbook", "/#/new"],
  ["run", `/#/run/${LIVE}`],
  ["failed run", `/#/run/${FAILED}`],
  ["runs", "/#/runs"],
  ["author", EDIT],
  ["author, history", EDIT, (page) => page.click("[data-testid=history-toggle]")],
  ["author, outline", EDIT, (page) => page.click("[data-testid=outline-toggle]")],
  ["author, find", EDIT, (page) => page.keyboard.press("Control+f")],
  ["new runbook", "/#/new"],
  ["settings", "/#/settings"],
  ["keys", "/#/library", (page) => page.keyboard.press("?")],
  ["trust", "/?scene=untrusted#/library", (page) => page.click("text=Look and trust")],
  ["folders", "/?scene=untrusted#/library", (page) => page.click("[data-testid=folders]")],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let found = 0;
for (const theme of ["light", "dark"]) {
  for (const width of [1440, 900]) {
    for (const [name, url, act] of pages) {
      if (only && !name.match(new RegExp(only))) continue;
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.goto(base + url);
      await page.waitForTimeout(1200);
      if (act) await act(page);
      await page.waitForTimeout(300);
      await page.evaluate(axe);
      const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const violation of result.violations) {
        found += 1;
        console.log(`${name}, ${theme}, ${width}: ${violation.id} (${violation.impact}): ${violation.help}`);
        for (const node of violation.nodes.slice(0, 3))
          console.log(`    ${node.html.slice(0, 160)}\n    ${node.any[0]?.message ?? node.all[0]?.message ?? ""}`);
      }
      await context.close();
    }
  }
}
await browser.close();
console.log(found === 0 ? "axe found nothing" : `axe found ${found}`);
process.exit(found === 0 ? 0 : 1);
