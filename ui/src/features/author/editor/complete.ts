// What can be written where the caret stands. The words come from the program; where they fit is decided here.

import {
  autocompletion,
  pickedCompletion,
  snippet,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";

import type { Vocabulary, Word } from "../../../bindings/types";
import { frontMatter } from "./language";
import { fenceAt, fenceInfo } from "./marks";

export type Words = () => Vocabulary | null;

/** What can be done with the guidance of a template from the menu of `/`. */
export interface Guide {
  /** How much there is, and how much of it is answered. */
  count: () => { all: number; answered: number };
  /** Removes it, together with what was typed to ask for that. */
  remove: (which: "answered" | "all", typed: { from: number; to: number }) => void;
}

const NO_GUIDE: Guide = { count: () => ({ all: 0, answered: 0 }), remove: () => undefined };

function option(word: Word, type: string, more: Partial<Completion> = {}): Completion {
  return { label: word.word, info: word.hint || undefined, type, ...more };
}

function plain(words: readonly string[], type = "value"): Completion[] {
  return [...new Set(words)].filter(Boolean).map((label) => ({ label, type }));
}

/** The caret's line up to the caret. */
function before(context: CompletionContext): { text: string; from: number; whole: string } {
  const line = context.state.doc.lineAt(context.pos);
  return { text: line.text.slice(0, context.pos - line.from), from: line.from, whole: line.text.replace(/\r$/, "") };
}

function result(from: number, options: Completion[], validFor?: RegExp): CompletionResult | null {
  if (options.length === 0) return null;
  return validFor ? { from, options, validFor } : { from, options };
}

/** Entries of the keychain, wherever they are referred to. */
function access(context: CompletionContext, words: Vocabulary): CompletionResult | null {
  const found = context.matchBefore(/keychain:\/\/[^\s"'}\]),]*/);
  if (!found) return null;
  const from = found.from + "keychain://".length;
  return result(
    from,
    words.access.flatMap((word) => [
      option(word, "access"),
      ...word.values.map((field) => ({ label: `${word.word}/${field}`, type: "access", info: word.hint || undefined })),
    ]),
    /^[^\s"'}\]),]*$/,
  );
}

function inMatter(context: CompletionContext, words: Vocabulary): CompletionResult | null {
  const { text, from } = before(context);
  const key = /^([A-Za-z_-]*)$/.exec(text);
  if (key) {
    if (!context.explicit && key[1] === "") return null;
    const kind = frontMatter(context.state.doc)?.kind;
    const written = kind === "toml" ? " = " : ": ";
    return result(
      from,
      words.keys.map((word) => option(word, "key", { apply: kind === "json" ? word.word : word.word + written })),
      /^[A-Za-z_-]*$/,
    );
  }
  const value = /^\s*["']?([A-Za-z_-]+)["']?\s*[:=]\s*(.*)$/.exec(text);
  const item = /^\s*-\s+(.*)$/.exec(text);
  let name = value?.[1] ?? "";
  const rest = value ? (value[2] ?? "") : (item?.[1] ?? "");
  if (item && !value) {
    for (let number = context.state.doc.lineAt(context.pos).number - 1; number > 1; number -= 1) {
      const above = context.state.doc.line(number).text;
      if (/^\s*-\s/.test(above)) continue;
      name = /^([A-Za-z_-]+)\s*:/.exec(above)?.[1] ?? "";
      break;
    }
  }
  if (name === "") return null;
  const word = /["']?([^,[\]{}"']*)$/.exec(rest)?.[1] ?? "";
  const typed = word.replace(/^\s+/, "");
  const known = words.keys.find((one) => one.word === name)?.values ?? [];
  const more: Record<string, readonly string[]> = {
    owner: words.owners,
    tags: words.tags,
    severity: words.severities,
    env: [],
  };
  return result(context.pos - typed.length, plain([...known, ...(more[name] ?? [])]), /^[^,[\]{}"']*$/);
}

function inFence(context: CompletionContext, words: Vocabulary): CompletionResult | null {
  const { text, from } = before(context);
  const info = fenceInfo(text);
  if (!info) return null;
  if (!info.braces) {
    if (text.length > info.languageFrom + info.language.length) return null;
    if (!context.explicit && info.language === "") return null;
    return result(
      from + info.languageFrom,
      words.languages.map((word) => option(word, "language")),
      /^[\w+-]*$/,
    );
  }
  const last = info.attributes.at(-1);
  if (last && last.value !== null && last.to === text.length) {
    const attribute = words.attributes.find((word) => word.word === last.key);
    const quote = /^["'/]/.exec(last.value)?.[0] ?? "";
    const choices = [...(attribute?.values ?? [])];
    if (last.key === "on") {
      const many = hosts(last.value.slice(quote.length), words);
      if (many) return result(from + last.valueFrom + quote.length + many.from, many.choices, /^[^\s,}"']*$/);
      choices.push(...words.access.map((word) => word.word), "ssh:", "ansible:");
    }
    return result(from + last.valueFrom + quote.length, plain(choices), /^[^\s}"']*$/);
  }
  if (last && last.to === text.length)
    return result(from + last.from, attributes(words, info.attributes.slice(0, -1)), /^[\w-]*$/);
  if (!/[\s{]$/.test(text) || text.endsWith("}")) return null;
  return result(context.pos, attributes(words, info.attributes), /^[\w-]*$/);
}

/** The names behind `ssh:`, each once: groups first, then entries. */
function hosts(value: string, words: Vocabulary): { from: number; choices: Completion[] } | null {
  if (!value.startsWith("ssh:")) return null;
  const from = Math.max(value.lastIndexOf(",") + 1, 4);
  const there = new Set(value.slice(4, Math.max(from - 1, 4)).split(","));
  const choices = [...words.groups, ...words.access].filter((word) => !there.has(word.word));
  return { from, choices: choices.map((word) => option(word, "value")) };
}

function attributes(words: Vocabulary, written: readonly { key: string }[]): Completion[] {
  const there = new Set(written.map((one) => one.key));
  return words.attributes
    .filter((word) => !there.has(word.word))
    .map((word) =>
      option(
        word,
        "attribute",
        word.values.length === 1 && word.values[0] === "" ? {} : { detail: word.values.join(" ") },
      ),
    );
}

function inText(context: CompletionContext, words: Vocabulary, guide: Guide): CompletionResult | null {
  const { text, from } = before(context);
  const heading = /^(#{1,6}\s+)([^#]*)$/.exec(text);
  if (heading && (context.explicit || heading[2] !== ""))
    return result(
      from + (heading[1] ?? "").length,
      words.headings.map((word) => option(word, "heading")),
      /^[\w ]*$/,
    );
  const link = /(?:\]\(|\[\[)([^)\]\s]*)$/.exec(text);
  if (link) {
    const wiki = text.lastIndexOf("[[") > text.lastIndexOf("](");
    return result(
      context.pos - (link[1] ?? "").length,
      words.files.map((word) =>
        option(word, "file", wiki ? { apply: word.word.replace(/\.(md|markdown)$/i, "") } : {}),
      ),
      /^[^)\]\s]*$/,
    );
  }
  const slash = /(?:^|\s)\/([\w-]*)$/.exec(text);
  if (slash) {
    const at = context.pos - (slash[1] ?? "").length - 1;
    const pieces = words.snippets.map((one, index) => ({
      boost: -index,
      label: `/${one.name}`,
      displayLabel: one.title,
      detail: `/${one.name}`,
      info: one.hint || undefined,
      type: "insert",
      apply: (view: EditorView, completion: Completion, start: number, end: number) => {
        snippet(one.text)(view, completion, start, end);
        view.dispatch({ annotations: pickedCompletion.of(completion) });
      },
    }));
    return result(at, [...pieces, ...removals(guide)], /^\/[\w-]*$/);
  }
  return null;
}

/** Guidance that can go: what is answered, and all of it. */
function removals(guide: Guide): Completion[] {
  const { all, answered } = guide.count();
  const removal = (which: "answered" | "all", name: string, title: string, boost: number): Completion => ({
    boost,
    label: `/${name}`,
    displayLabel: title,
    detail: `/${name}`,
    type: "insert",
    apply: (_view, _completion, from, to) => guide.remove(which, { from, to }),
  });
  const made = [];
  if (answered > 0 && answered < all)
    made.push(removal("answered", "guidance-answered", `Remove the answered guidance (${answered})`, -98));
  if (all > 0) made.push(removal("all", "guidance", `Remove the guidance (${all})`, -99));
  return made;
}

/** Completion of everything that a runbook can hold. */
export function runbookSource(words: Words, guide = NO_GUIDE): CompletionSource {
  return (context) => {
    const known = words();
    if (!known) return null;
    const entry = access(context, known);
    if (entry) return entry;
    const variable = context.matchBefore(/\{\{\s*\w*/);
    if (variable) {
      const typed = /\w*$/.exec(variable.text)?.[0] ?? "";
      const closed = context.state.sliceDoc(context.pos, context.pos + 2) === "}}";
      return result(
        context.pos - typed.length,
        known.variables.map((word) => option(word, "variable", closed ? {} : { apply: `${word.word}}}` })),
        /^\w*$/,
      );
    }
    const matter = frontMatter(context.state.doc);
    if (matter && context.pos >= matter.from && context.pos <= matter.to) return inMatter(context, known);
    const line = context.state.doc.lineAt(context.pos);
    const fence = fenceAt(context.state, context.pos);
    if (fence && fence.line !== line.number) return null;
    if (fenceInfo(line.text)) return inFence(context, known);
    return inText(context, known, guide);
  };
}

export function runbookCompletion(words: Words, guide: Guide): Extension {
  return autocompletion({
    override: [runbookSource(words, guide)],
    icons: false,
    defaultKeymap: true,
    maxRenderedOptions: 60,
    tooltipClass: () => "cm-words",
  });
}

/** What the attribute under a place means, for the hint. */
export function attributeHint(
  line: string,
  at: number,
  words: Vocabulary | null,
): { word: Word; from: number; to: number } | null {
  const info = fenceInfo(line);
  const found = info?.attributes.find((one) => at >= one.from && at <= one.to);
  const word = words?.attributes.find((one) => one.word === found?.key);
  return found && word ? { word, from: found.from, to: found.to } : null;
}
