// Reads Markdown as a runbook, roughly: enough for the stand-in host to answer what a text means. The real reader is the
// `format` crate.

import type {
  EnvironmentView,
  ItemKind,
  ItemView,
  Looked,
  OutlineEntry,
  ParamView,
  Part,
  Phase,
  RunbookView,
  SectionView,
  StepView,
  TextProblem,
  VariableMark,
} from "../../bindings/types";
import { fakeHash } from "./build";

const PHASES: [RegExp, Phase][] = [
  [/^(preconditions|prerequisites|before you|requirements)/i, "preconditions"],
  [/^(diagnosis|diagnose|triage|troubleshooting|investigation)/i, "diagnosis"],
  [/^(steps|procedure|mitigation|resolution|remediation)\b/i, "steps"],
  [/^(validation|verification|verify|confirm)/i, "validation"],
  [/^(rollback|roll back|revert|undo)/i, "rollback"],
  [/^(overview|about|background|links|references|contacts|impact|notes)/i, "reference"],
];
const SHELL = /^(sh|bash|zsh|ksh|shell|console)$/;

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function inline(text: string, values: Map<string, string>): string {
  return escaped(text.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name: string) => values.get(name) ?? all))
    .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, '<img data-src="$2" alt="$1">')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>')
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");
}

function plain(text: string, values: Map<string, string>): string {
  return inline(text, values)
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&amp;/g, "&");
}

export function readMarkdown(
  path: string,
  relative: string,
  library: number | null,
  trusted: boolean,
  text: string,
  environments: EnvironmentView[],
): Looked & { view: RunbookView } {
  const values = new Map<string, string>();
  const matter: Record<string, string> = {};
  const params: ParamView[] = [];
  const problems: TextProblem[] = [];
  const outline: OutlineEntry[] = [];
  const sections: SectionView[] = [];
  const items: Record<string, ItemView> = {};
  const lines: { text: string; from: number }[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    lines.push({ text: line.replace(/\r$/, "").replace(/^\ufeff/, ""), from: at });
    at += line.length + 1;
  }
  const end = text.length;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  let number = 0;
  if (/^---\s*$/.test(lines[0]?.text ?? "")) {
    const close = lines.findIndex((line, index) => index > 0 && /^---\s*$/.test(line.text));
    if (close > 0) {
      let inside = "";
      for (const line of lines.slice(1, close)) {
        const nested = /^\s+(\w+):\s*(.*)$/.exec(line.text);
        const top = /^([\w-]+):\s*(.*)$/.exec(line.text);
        if (top) {
          inside = top[1] ?? "";
          matter[inside] = (top[2] ?? "").replace(/^["']|["']$/g, "");
        } else if (nested && inside === "params") {
          const name = nested[1] ?? "";
          const value = (nested[2] ?? "").replace(/^["']|["']$/g, "");
          values.set(name, value);
          params.push({
            name,
            prompt: null,
            default: value || null,
            choices: [],
            pattern: null,
            required: value === "",
            secret: false,
          });
        } else if (line.text.trim() !== "" && !/^\s*(#|-)/.test(line.text)) {
          problems.push({
            code: "front-matter",
            severity: "error",
            message: `The front matter cannot be read at "${line.text.trim()}": a key is followed by a colon.`,
            line: lines.indexOf(line) + 1,
            from: line.from,
            to: line.from + line.text.length,
            fixes: [],
          });
        }
      }
      for (const pair of (/^\{(.*)\}$/.exec(matter["params"] ?? "")?.[1] ?? "").split(",")) {
        const [name, value] = pair.split(":").map((part) => part.trim());
        if (!name) continue;
        values.set(name, value ?? "");
        params.push({
          name,
          prompt: null,
          default: value ?? null,
          choices: [],
          pattern: null,
          required: !value,
          secret: false,
        });
      }
      number = close + 1;
    }
  }
  const matterEnd = number;

  let title = matter["title"] ?? "";
  let section: SectionView | null = null;
  let step: StepView | null = null;
  let phase: Phase = "reference";
  const names = new Map<string, number>();
  const ids = new Set<string>();
  const unique = (wanted: string): string => {
    const base =
      wanted
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "") || "step";
    let id = base;
    for (let next = 2; ids.has(id); next += 1) id = `${base}-${next}`;
    ids.add(id);
    return id;
  };
  const newSection = (heading: string, level: number, line: number): SectionView => {
    const made: SectionView = { phase, heading, level, line, intro: [], steps: [], outro: [] };
    sections.push(made);
    return made;
  };
  const body = (): Part[] => {
    section ??= newSection("", 1, number + 1);
    return step ? step.body : section.intro;
  };
  const ensureStep = (line: number): StepView => {
    section ??= newSection("", 1, line);
    if (!step) {
      step = {
        id: unique(section.heading || title || "step"),
        title: section.heading || "Step",
        number: null,
        line,
        can_undo: false,
        no_return: false,
        if_it_fails: null,
        body: [],
        items: [],
      };
      section.steps.push(step);
    }
    return step;
  };
  const add = (kind: ItemKind, id: string, line: number, more: Partial<ItemView>): void => {
    const owner = ensureStep(line);
    items[id] = {
      id,
      step: owner.id,
      kind,
      line,
      hash: fakeHash(`${id} ${more.script ?? more.text ?? ""}`),
      on_path: phase !== "reference" && phase !== "rollback" && kind !== "undo",
      text: "",
      language: "",
      script: "",
      expects: [],
      timeout_ms: null,
      every_ms: kind === "probe" ? 5000 : null,
      within_ms: kind === "probe" ? 60000 : null,
      optional: false,
      guessed: false,
      refused: null,
      placeholders: [],
      doubts: [],
      variables: [],
      confirm: false,
      confirm_text: null,
      retry: 0,
      capture: null,
      background: false,
      interactive: false,
      terminal_rows: null,
      session_input: [],
      sample: null,
      ...more,
    };
    owner.items.push(id);
    owner.body.push({ part: "item", value: id });
    if (kind === "undo") owner.can_undo = true;
  };

  while (number < lines.length) {
    const line = lines[number];
    if (!line) break;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line.text);
    const fence = /^(\s*)(```+|~~~+)\s*([^\s{]*)\s*(?:\{(.*)\})?/.exec(line.text);
    const check = /^\s*[-*]\s+\[[ xX]\]\s+(.*)$/.exec(line.text);
    const ordered = /^(\d+)[.)]\s+(.*)$/.exec(line.text);
    if (heading) {
      const level = (heading[1] ?? "").length;
      const words = plain(heading[2] ?? "", values);
      const counted = /^(?:step\s+)?(\d+)[.):]\s*(.*)$/i.exec(words);
      if (level === 1 && title === "") title = words;
      const named = PHASES.find(([pattern]) => pattern.test(words));
      if (named && level > 1) phase = named[1];
      let id: string | null = null;
      if (level === 1 || (named && !counted) || level === 2) {
        step = null;
        section = newSection(escaped(words), level, number + 1);
      } else {
        section ??= newSection("", 2, number + 1);
        if (phase === "reference") phase = "steps";
        section.phase = phase;
        step = {
          id: unique(counted?.[2] ?? words),
          title: counted?.[2] ?? words,
          number: counted?.[1] ?? null,
          line: number + 1,
          can_undo: false,
          no_return: false,
          if_it_fails: null,
          body: [],
          items: [],
        };
        section.steps.push(step);
        id = step.id;
      }
      outline.push({
        title: counted?.[2] ?? words,
        number: counted?.[1] ?? null,
        phase,
        level,
        step: id,
        line: number + 1,
        from: line.from,
        to: end,
      });
      number += 1;
    } else if (fence) {
      const mark = fence[2] ?? "```";
      const close = lines.findIndex((other, index) => index > number && other.text.trim().startsWith(mark));
      const info = fence[4] ?? "";
      const language = fence[3] ?? "";
      const attribute = (name: string): string | null => {
        const found = new RegExp(`(?:^|\\s)${name}(?:=("[^"]*"|'[^']*'|/[^/]*/|\\S+))?(?=\\s|$)`).exec(info);
        return found ? (found[1] ?? "").replace(/^["']|["']$/g, "") : null;
      };
      const stop = close < 0 ? lines.length : close;
      const script = lines
        .slice(number + 1, stop)
        .map((one) => one.text.replace(fence[1] ?? "", ""))
        .join("\n");
      if (close < 0)
        problems.push({
          code: "unclosed-fence",
          severity: "error",
          message: "This fence is not closed: it runs to the end of the file.",
          line: number + 1,
          from: line.from,
          to: line.from + line.text.length,
          fixes: [
            {
              title: "Close it",
              edits: [{ from: end, to: end, text: `${text.endsWith("\n") ? "" : eol}${mark}${eol}` }],
            },
          ],
        });
      const kind: ItemKind =
        language === "message"
          ? "message"
          : attribute("undo") !== null && attribute("undo") !== "none"
            ? "undo"
            : attribute("probe") !== null
              ? "probe"
              : "command";
      if (language === "message" || SHELL.test(language) || info !== "") {
        const name = attribute("name") ?? unique(script.split(/\s+/).slice(0, 3).join(" "));
        if (names.has(name))
          problems.push({
            code: "duplicate-name",
            severity: "error",
            message: `Two blocks are named "${name}": give one of them another name.`,
            line: number + 1,
            from: line.from,
            to: line.from + line.text.length,
            fixes: [],
          });
        names.set(name, number + 1);
        if (phase === "reference" && !step) phase = "steps";
        if (section && section.phase === "reference") section.phase = phase;
        const expect = attribute("expect");
        const misspelt = /\bconfrim\b/.test(info);
        if (misspelt)
          problems.push({
            code: "attribute-refused",
            severity: "error",
            message: 'There is no attribute "confrim": is "confirm" meant? The block does not run until it is mended.',
            line: number + 1,
            from: line.from + line.text.indexOf("confrim"),
            to: line.from + line.text.indexOf("confrim") + 7,
            fixes: [
              {
                title: 'Write "confirm"',
                edits: [
                  {
                    from: line.from + line.text.indexOf("confrim"),
                    to: line.from + line.text.indexOf("confrim") + 7,
                    text: "confirm",
                  },
                ],
              },
            ],
          });
        add(kind, name, number + 1, {
          language: kind === "message" ? "message" : language,
          script: kind === "message" ? "" : script,
          text: kind === "message" ? script : "",
          expects: expect ? [expect] : [],
          timeout_ms: attribute("timeout") ? Number.parseInt(attribute("timeout") ?? "0", 10) * 1000 : null,
          refused: misspelt ? 'There is no attribute "confrim": is "confirm" meant?' : null,
          placeholders: [...script.matchAll(/<([A-Za-z][^<>=@\n]*)>/g)].map((found) => found[1] ?? ""),
        });
        if (attribute("undo") === "none" && step) step.no_return = true;
        lines.slice(number + 1, stop).forEach((one, index) => {
          const secret = /(?:PASSWORD|TOKEN|SECRET)=([A-Za-z0-9]{8,})/.exec(one.text);
          if (!secret) return;
          const from = one.from + one.text.indexOf(secret[1] ?? "");
          problems.push({
            code: "secret-in-text",
            severity: "error",
            message: `Looks like a secret in line ${number + 2 + index}: move it to the keychain.`,
            line: number + 2 + index,
            from,
            to: from + (secret[1] ?? "").length,
            fixes: [
              {
                title: "Move to keychain",
                edits: [{ from, to: from + (secret[1] ?? "").length, text: "$DB_PASSWORD" }],
              },
            ],
          });
        });
        if (kind === "command" && !expect && phase === "steps")
          problems.push({
            code: "no-validation",
            severity: "warning",
            message: `"${name}" never says how success looks: exit 0 alone would pass.`,
            line: number + 1,
            from: line.from,
            to: line.from + line.text.length,
            fixes: [
              {
                title: "Add expect",
                edits: [
                  /\{.*\}/.test(line.text)
                    ? {
                        from: line.from + line.text.lastIndexOf("}"),
                        to: line.from + line.text.lastIndexOf("}"),
                        text: ' expect=""',
                      }
                    : { from: line.from + line.text.length, to: line.from + line.text.length, text: ' {expect=""}' },
                ],
              },
            ],
          });
        if (kind === "probe" && attribute("within") === null)
          problems.push({
            code: "no-timeout",
            severity: "hint",
            message: `The probe "${name}" has no end of its own.`,
            line: number + 1,
            from: line.from,
            to: line.from + line.text.length,
            fixes: [],
          });
      } else {
        body().push({ part: "html", value: `<pre><code>${escaped(script)}</code></pre>` });
      }
      number = stop + 1;
    } else if (check) {
      const words = plain(check[1] ?? "", values);
      add("check", unique(words), number + 1, { text: words });
      number += 1;
    } else if (ordered && phase !== "reference") {
      const words = plain(ordered[2] ?? "", values);
      section ??= newSection("", 2, number + 1);
      step = {
        id: unique(words),
        title: words,
        number: ordered[1] ?? null,
        line: number + 1,
        can_undo: false,
        no_return: false,
        if_it_fails: null,
        body: [],
        items: [],
      };
      section.steps.push(step);
      outline.push({
        title: words,
        number: ordered[1] ?? null,
        phase,
        level: 0,
        step: step.id,
        line: number + 1,
        from: line.from,
        to: end,
      });
      number += 1;
    } else if (line.text.trim() === "" || /^<!--/.test(line.text)) {
      number += 1;
    } else {
      const taken: string[] = [];
      while (
        number < lines.length &&
        (lines[number]?.text ?? "").trim() !== "" &&
        !/^(#{1,6}\s|\s*```|\s*~~~|\s*[-*]\s+\[)/.test(lines[number]?.text ?? "")
      ) {
        taken.push((lines[number]?.text ?? "").trim());
        number += 1;
        if (/^\d+[.)]\s/.test(lines[number]?.text ?? "") && phase !== "reference") break;
      }
      if (taken.length === 0) number += 1;
      else body().push({ part: "html", value: `<p>${inline(taken.join(" "), values)}</p>` });
    }
  }
  for (const [index, entry] of outline.entries()) entry.to = (outline[index + 1]?.from ?? end + 1) - 1;
  const variables: VariableMark[] = [];
  for (const found of text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    const name = found[1] ?? "";
    const known = values.get(name);
    const to = found.index + found[0].length;
    variables.push({ name, value: known ?? null, from: found.index, to });
    if (known === undefined && values.size > 0)
      problems.push({
        code: "unknown-variable",
        severity: "error",
        message: `{{${name}}} is defined nowhere: add it to params.`,
        line: text.slice(0, found.index).split("\n").length,
        from: found.index,
        to,
        fixes: [],
      });
  }
  if (!matter["owner"] && matterEnd > 0)
    problems.push({
      code: "no-owner",
      severity: "hint",
      message: "Nobody is named who keeps it: add an owner.",
      line: 1,
      from: 0,
      to: lines[0]?.text.length ?? 0,
      fixes: [
        {
          title: "Add an owner",
          edits: [
            {
              from: (lines[0]?.text.length ?? 0) + eol.length,
              to: (lines[0]?.text.length ?? 0) + eol.length,
              text: `owner: ${eol}`,
            },
          ],
        },
      ],
    });
  problems.sort((a, b) => a.from - b.from);
  const view: RunbookView = {
    path,
    relative,
    library,
    trusted,
    revision: fakeHash(text),
    title: title || relative,
    kind: matter["kind"] ?? null,
    severity: matter["severity"] ?? null,
    summary: matter["summary"] ?? null,
    outcome: matter["outcome"] ?? null,
    owner: matter["owner"] ?? null,
    tags: [],
    reviewed: matter["reviewed"] ?? null,
    refused: null,
    params,
    environments,
    sections,
    items,
    links: [],
    problems: problems.map(({ code, severity, line, message }) => ({ code, severity, line, message })),
    last_runs: [],
    runs: 0,
  };
  const marks = Object.values(items)
    .flatMap((item) => (item ? [item] : []))
    .sort((a, b) => a.line - b.line)
    .map(({ id, kind, hash, refused, line }) => {
      const from = lines[line - 1]?.from ?? 0;
      return { id, kind, hash, refused, line, from, to: from + (lines[line - 1]?.text.length ?? 0) };
    });
  return {
    revision: view.revision,
    title: view.title,
    items: marks,
    view,
    problems,
    outline,
    variables,
    shown: null,
    guidance: [],
    environments,
  };
}

/** The Markdown of a runbook that the stand-in made up. */
export function writeMarkdown(view: RunbookView): string {
  const out: string[] = ["---", `title: ${view.title}`];
  for (const key of ["kind", "severity", "owner", "summary", "outcome", "reviewed"] as const)
    if (view[key]) out.push(`${key}: ${view[key]}`);
  if (view.tags.length > 0) out.push(`tags: [${view.tags.join(", ")}]`);
  if (view.params.length > 0)
    out.push("params:", ...view.params.map((param) => `  ${param.name}: ${param.default ?? ""}`));
  out.push("---", "");
  const parts = (list: Part[]): void => {
    for (const part of list) {
      if (part.part === "html") {
        out.push(
          part.value
            .replace(/<li>/g, "\n- ")
            .replace(/<\/?(p|ul|ol)>/g, "\n")
            .replace(/<\/?code>/g, "`")
            .replace(/<\/?strong>/g, "**")
            .replace(/<[^>]*>/g, "")
            .replace(/\n{2,}/g, "\n\n")
            .trim(),
          "",
        );
        continue;
      }
      const item = view.items[part.value];
      if (!item) continue;
      if (item.kind === "check") {
        out.push(`- [ ] ${item.text}`);
        continue;
      }
      const more = [`name=${item.id}`];
      if (item.kind === "probe")
        more.push("probe", `every=${(item.every_ms ?? 5000) / 1000}s`, `within=${(item.within_ms ?? 60000) / 1000}s`);
      if (item.kind === "undo") more.push("undo");
      if (item.timeout_ms) more.push(`timeout=${item.timeout_ms / 1000}s`);
      for (const expect of item.expects) more.push(/^\//.test(expect) ? `expect=${expect}` : `expect="${expect}"`);
      if (out.at(-1) !== "") out.push("");
      out.push(
        `\`\`\`${item.kind === "message" ? "message" : item.language || "sh"} {${more.join(" ")}}`,
        item.script || item.text,
        "```",
        "",
      );
    }
  };
  for (const section of view.sections) {
    out.push(`${"#".repeat(section.level)} ${section.heading.replace(/<[^>]*>/g, "")}`, "");
    parts(section.intro);
    for (const step of section.steps) {
      out.push(`### ${step.number ? `${step.number}. ` : ""}${step.title}`, "");
      parts(step.body);
      if (out.at(-1) !== "") out.push("");
    }
    parts(section.outro);
  }
  return `${out
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}
