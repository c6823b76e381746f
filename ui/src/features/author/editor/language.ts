// The language of a runbook: Markdown (GFM), front matter in YAML, TOML or JSON, and the languages of its fences, which
// are loaded when a fence needs them.

import { markdown, markdownKeymap, markdownLanguage, pasteURLAsLink } from "@codemirror/lang-markdown";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import {
  foldService,
  HighlightStyle,
  LanguageDescription,
  LanguageSupport,
  StreamLanguage,
  syntaxHighlighting,
  syntaxTree,
  type StreamParser,
} from "@codemirror/language";
import { Prec, type EditorState, type Extension, type Text } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { parseMixed, type Input, type Parser } from "@lezer/common";
import { tags as t } from "@lezer/highlight";
import type { BlockContext, Line, MarkdownConfig } from "@lezer/markdown";

export type MatterKind = "yaml" | "toml" | "json";

const OPENS: [RegExp, RegExp, MatterKind][] = [
  [/^\ufeff?---[ \t\r]*$/, /^(---|\.\.\.)[ \t\r]*$/, "yaml"],
  [/^\ufeff?\+\+\+[ \t\r]*$/, /^\+\+\+[ \t\r]*$/, "toml"],
  [/^\ufeff?\{[ \t\r]*$/, /^\}[ \t\r]*$/, "json"],
];
/** A front matter that is longer than this is none. */
const MOST_LINES = 2000;

export interface Matter {
  kind: MatterKind;
  /** What is between the marks. */
  from: number;
  to: number;
  /** Behind the closing mark. */
  end: number;
}

/** Where the front matter stands; null where there is none or it is not closed. */
export function frontMatter(doc: Text): Matter | null {
  const first = doc.line(1);
  const found = OPENS.find(([opens]) => opens.test(first.text));
  if (!found) return null;
  const [, closes, kind] = found;
  for (let number = 2; number <= Math.min(doc.lines, MOST_LINES); number += 1) {
    const line = doc.line(number);
    if (!closes.test(line.text)) continue;
    return kind === "json"
      ? { kind, from: first.from, to: line.to, end: line.to }
      : { kind, from: Math.min(first.to + 1, line.from), to: Math.max(first.to + 1, line.from - 1), end: line.to };
  }
  return null;
}

/** Behind the title, in the front matter or the first heading; null where there is none among the first lines. */
export function titleAt(doc: Text): number | null {
  // A comment of the front matter begins like a heading.
  const matter = frontMatter(doc)?.end ?? -1;
  for (let number = 1; number <= Math.min(MOST_LINES, doc.lines); number += 1) {
    const line = doc.line(number);
    if ((line.from < matter ? /^title\s*[:=]/ : /^\ufeff?# /).test(line.text)) return line.to;
  }
  return null;
}

const tomlParser = StreamLanguage.define(toml).parser;
const MATTER: Record<string, Parser> = {
  YamlMatter: yaml().language.parser,
  TomlMatter: tomlParser,
  JsonMatter: json().language.parser,
};
const NODES: Record<MatterKind, string> = { yaml: "YamlMatter", toml: "TomlMatter", json: "JsonMatter" };

/** Whether a line further on closes the front matter; without one the first line is a rule or a brace like any other. */
function closed(cx: BlockContext, closes: RegExp): boolean {
  // The parser cannot go back, so it looks ahead in its input, which its types do not show.
  const { input } = cx as unknown as { input: Input };
  const lines = input.read(0, Math.min(input.length, 100_000)).split("\n");
  return lines.slice(1, MOST_LINES).some((line) => closes.test(line));
}

/** Teaches the Markdown parser the front matter, which may only stand at the very beginning. */
const matter: MarkdownConfig = {
  defineNodes: [
    { name: "FrontMatter", block: true },
    { name: "MatterMark", style: t.meta },
    { name: "YamlMatter" },
    { name: "TomlMatter" },
    { name: "JsonMatter" },
  ],
  parseBlock: [
    {
      name: "FrontMatter",
      before: "HorizontalRule",
      parse(cx: BlockContext, line: Line): boolean {
        if (cx.lineStart !== 0) return false;
        const found = OPENS.find(([opens]) => opens.test(line.text));
        if (!found) return false;
        const [, closes, kind] = found;
        if (!closed(cx, closes)) return false;
        const opened = line.text.length;
        const children = kind === "json" ? [] : [cx.elt("MatterMark", 0, opened)];
        const from = opened + 1;
        while (cx.nextLine()) {
          if (!closes.test(line.text)) continue;
          const end = cx.lineStart + line.text.length;
          if (kind === "json") children.push(cx.elt("JsonMatter", 0, end));
          else {
            if (cx.lineStart - 1 > from) children.push(cx.elt(NODES[kind], from, cx.lineStart - 1));
            children.push(cx.elt("MatterMark", cx.lineStart, end));
          }
          cx.addElement(cx.elt("FrontMatter", 0, end, children));
          cx.nextLine();
          return true;
        }
        return true;
      },
    },
  ],
  wrap: parseMixed((node) => {
    const parser = MATTER[node.name];
    return parser ? { parser } : null;
  }),
};

function mode(name: string, alias: string[], load: () => Promise<StreamParser<unknown>>): LanguageDescription {
  return LanguageDescription.of({
    name,
    alias,
    load: async () => new LanguageSupport(StreamLanguage.define(await load())),
  });
}

const fences: LanguageDescription[] = [
  mode(
    "shell",
    ["sh", "bash", "zsh", "fish", "ksh", "console", "shell-session", "terminal", "command", "commands", "cmd"],
    async () => (await import("@codemirror/legacy-modes/mode/shell")).shell as StreamParser<unknown>,
  ),
  mode(
    "python",
    ["py", "python3"],
    async () => (await import("@codemirror/legacy-modes/mode/python")).python as StreamParser<unknown>,
  ),
  mode("ruby", ["rb"], async () => (await import("@codemirror/legacy-modes/mode/ruby")).ruby as StreamParser<unknown>),
  mode("perl", ["pl"], async () => (await import("@codemirror/legacy-modes/mode/perl")).perl as StreamParser<unknown>),
  mode("lua", [], async () => (await import("@codemirror/legacy-modes/mode/lua")).lua as StreamParser<unknown>),
  mode(
    "powershell",
    ["pwsh", "ps1"],
    async () => (await import("@codemirror/legacy-modes/mode/powershell")).powerShell as StreamParser<unknown>,
  ),
  mode(
    "javascript",
    ["js", "node", "deno", "typescript", "ts"],
    async () => (await import("@codemirror/legacy-modes/mode/javascript")).typescript as StreamParser<unknown>,
  ),
  mode(
    "sql",
    ["postgres", "mysql", "psql"],
    async () => (await import("@codemirror/legacy-modes/mode/sql")).standardSQL as StreamParser<unknown>,
  ),
  mode(
    "dockerfile",
    ["docker"],
    async () => (await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile as StreamParser<unknown>,
  ),
  mode(
    "diff",
    ["patch"],
    async () => (await import("@codemirror/legacy-modes/mode/diff")).diff as StreamParser<unknown>,
  ),
  mode("toml", [], async () => toml as StreamParser<unknown>),
  LanguageDescription.of({ name: "yaml", alias: ["yml"], load: async () => yaml() }),
  LanguageDescription.of({ name: "json", alias: ["jsonc"], load: async () => json() }),
];

/** The language of a fence, by the first word of what stands behind its marks. */
export function fenceLanguage(info: string): LanguageDescription | null {
  const word = /^[^\s{,]+/.exec(info)?.[0].toLowerCase() ?? "";
  if (word === "") return null;
  return fences.find((one) => one.name === word || one.alias.includes(word)) ?? null;
}

const look = HighlightStyle.define([
  { tag: t.heading, class: "tok-heading" },
  { tag: t.strong, class: "tok-strong" },
  { tag: t.emphasis, class: "tok-emphasis" },
  { tag: t.strikethrough, class: "tok-strike" },
  {
    tag: [t.processingInstruction, t.contentSeparator, t.meta, t.punctuation, t.separator, t.bracket],
    class: "tok-mark",
  },
  { tag: [t.link, t.url], class: "tok-link" },
  {
    tag: [t.keyword, t.definition(t.propertyName), t.propertyName, t.attributeName, t.controlKeyword],
    class: "tok-key",
  },
  { tag: [t.string, t.special(t.string), t.regexp, t.character, t.escape], class: "tok-string" },
  { tag: [t.comment, t.lineComment, t.blockComment], class: "tok-comment" },
  { tag: [t.number, t.bool, t.null, t.atom], class: "tok-value" },
]);

/** What follows a heading is looked through so far: each key asks for every heading in view. */
const MOST_BLOCKS = 3000;
const HEADING = /^(?:ATX|Setext)Heading(\d)$/;

/** A heading folds up to the next of its level; not where that is so far off that looking for it would hold up the keys. */
export function headingFold(state: EditorState, start: number, end: number): { from: number; to: number } | null {
  let node = syntaxTree(state).resolveInner(end, -1);
  while (node.parent && node.from >= start && !HEADING.test(node.name)) node = node.parent;
  const level = HEADING.exec(node.name)?.[1];
  if (level === undefined || node.from < start) return null;
  let last = node;
  for (let count = 0; ; count += 1) {
    const next = last.nextSibling;
    const other = next ? HEADING.exec(next.name)?.[1] : undefined;
    if (!next || (other !== undefined && other <= level)) break;
    if (count >= MOST_BLOCKS) return null;
    last = next;
  }
  return last.to > end ? { from: end, to: last.to } : null;
}

export function runbookLanguage(): Extension {
  const { language } = markdown({
    base: markdownLanguage,
    codeLanguages: fenceLanguage,
    extensions: [matter],
    completeHTMLTags: false,
  });
  return [
    new LanguageSupport(language, [foldService.of(headingFold), pasteURLAsLink, Prec.high(keymap.of(markdownKeymap))]),
    syntaxHighlighting(look),
  ];
}
