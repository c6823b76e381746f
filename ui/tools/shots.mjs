// Takes pictures of every screen on the stand-in host, in both lights and two sizes: `npm run shots`, then look at
// `shots/`. Needs `npm run dev` under way and Chromium at /usr/bin/chromium (or at $CHROMIUM).

import { mkdirSync } from "node:fs";

import { chromium } from "playwright-core";

const base = process.env.BASE ?? "http://localhost:5173";
const only = process.argv[2];
const LIVE = "019aac41d07be8035ac1d64f0288a3e8";
const FAILED = "019aab99d07be8035ac1d64f0288a3e8";

async function startEverything(page) {
  await page.fill("[data-testid=search]", "one of each");
  await page.waitForTimeout(400);
  if (await page.isHidden("[data-testid=start-run]")) await page.click("[data-testid=runbook-row]");
  await page.click("[data-testid=start-run]");
  await page.waitForSelector("[data-testid=way-back]");
  await page.click("[data-testid=start-go]");
  await page.waitForTimeout(600);
}

async function openPassed(page) {
  await page.click("[data-testid=run-row][data-state=passed] a");
  await page.waitForTimeout(600);
}

const ASIDE = "019aab10d07be8035ac1d64f0288a3e8";

async function plan(page) {
  await page.waitForSelector("[data-testid=choices]");
  await page.keyboard.press("r");
  await page.waitForSelector("[data-testid=took-effect-yes]");
}

async function rollBack(page) {
  await plan(page);
  await page.click("[data-testid=took-effect-yes]");
  await page.click("[data-testid=rollback-begin]");
  await page.waitForSelector("[data-testid=by-hand-note]", { timeout: 20000 });
}

async function undoByHand(page) {
  await rollBack(page);
  await page.fill("[data-testid=by-hand-note]", "rebuilt broker-a from the copy of 03:02");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-entry=unfence][data-status=failed]", { timeout: 20000 });
  await page.waitForTimeout(800);
}

async function openCutOff(page) {
  await page.click("[data-testid=run-row][data-state=interrupted] a");
  await page.waitForSelector("[data-testid=take-up]");
  await page.waitForTimeout(800);
}

const START = `/#/start/${encodeURIComponent("/home/mara/runbooks/queues/move-broker.md")}`;
const EDIT = `/#/edit/${encodeURIComponent("/home/mara/runbooks/queues/move-broker.md")}`;
const shots = [
  { name: "library", url: "/#/library" },
  {
    name: "library-search",
    url: "/#/library",
    act: async (page) => (await page.fill("[data-testid=search]", "gate"), page.waitForTimeout(300)),
  },
  {
    name: "library-menu",
    url: "/#/library",
    act: (page) => page.click("[data-testid=runbook-row]", { button: "right" }),
  },
  { name: "library-order", url: "/#/library", act: (page) => page.click("[data-testid=sort]") },
  { name: "library-tag", url: "/#/library", act: (page) => page.click("[data-testid=facet-tag]") },
  { name: "library-move", url: "/#/library", act: (page) => page.keyboard.press("F2") },
  {
    name: "library-import",
    url: "/#/library",
    act: async (page) => (await page.click("[data-testid=open-import]"), await page.click("text=Choose")),
  },
  { name: "library-empty", url: "/?scene=empty#/library" },
  { name: "library-untrusted", url: "/?scene=untrusted#/library" },
  { name: "library-errors", url: "/?scene=errors#/library" },
  { name: "folders", url: "/?scene=untrusted#/library", act: (page) => page.click("[data-testid=folders]") },
  { name: "trust", url: "/?scene=untrusted#/library", act: (page) => page.click("text=Look and trust") },
  { name: "new", url: "/#/new" },
  { name: "new-session", url: "/#/new", act: (page) => page.click("[data-testid=source-session]", { force: true }) },
  { name: "start", url: START },
  { name: "run", url: `/#/run/${LIVE}` },
  { name: "run-switcher", url: `/#/run/${LIVE}`, act: (page) => page.keyboard.press("w") },
  { name: "run-failed", url: `/#/run/${FAILED}` },
  {
    name: "run-failed-edit",
    url: `/#/run/${FAILED}`,
    act: async (page) => (await page.waitForSelector("[data-testid=choices]"), await page.keyboard.press("e")),
  },
  { name: "run-rollback-plan", url: `/#/run/${FAILED}`, act: plan },
  { name: "run-rollback", url: `/#/run/${FAILED}`, act: rollBack },
  { name: "run-rollback-failed", url: `/#/run/${FAILED}`, act: undoByHand },
  {
    name: "run-rolled-back",
    url: `/#/run/${FAILED}`,
    act: async (page) => {
      await undoByHand(page);
      await page.keyboard.press("Enter");
      await page.waitForSelector("[data-testid=run-verdict]", { timeout: 20000 });
      await page.waitForTimeout(500);
    },
  },
  { name: "run-branch", url: `/#/run/${FAILED}`, act: (page) => page.click(".advice a") },
  { name: "run-cut-off", url: "/#/runs", act: openCutOff },
  { name: "run-aside", url: `/#/run/${ASIDE}` },
  { name: "run-start", url: "/#/library", act: startEverything },
  {
    name: "run-values",
    url: "/#/library",
    act: async (page) => (await startEverything(page), await page.keyboard.press("Enter"), page.waitForTimeout(300)),
  },
  { name: "run-drawer", url: `/#/run/${LIVE}`, act: (page) => page.keyboard.press("Control+j") },
  {
    name: "run-top",
    url: `/#/run/${LIVE}`,
    act: (page) => page.evaluate(() => (document.querySelector("[data-testid=run-page]").scrollTop = 0)),
  },
  { name: "run-over", url: "/#/runs", act: openPassed },
  { name: "runs", url: "/#/runs" },
  { name: "author", url: EDIT },
  { name: "author-history", url: EDIT, act: (page) => page.click("[data-testid=history-toggle]") },
  { name: "author-find", url: EDIT, act: (page) => page.keyboard.press("Control+f") },
  { name: "new-runbook", url: "/#/new" },
  { name: "settings", url: "/#/settings" },
  { name: "keys", url: "/#/library", act: (page) => page.keyboard.press("?") },
];

mkdirSync("shots", { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const [width, height] of [
  [1440, 900],
  [1024, 700],
]) {
  for (const theme of ["light", "dark"]) {
    for (const shot of shots) {
      if (only && !shot.name.match(new RegExp(only))) continue;
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && console.log(shot.name, message.text()));
      page.on("pageerror", (error) => console.log(shot.name, "page error", error.message));
      await page.goto(base + shot.url);
      await page.waitForTimeout(1500);
      if (shot.act) await shot.act(page);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `shots/${shot.name}-${theme}-${width}.png` });
      await context.close();
    }
  }
}
await browser.close();
