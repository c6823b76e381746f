//! What a code block is: a command, a probe, an undo, a message, or text (FORMAT.md, "Items").

use std::collections::{HashMap, HashSet};

use pulldown_cmark::Tag;

use crate::ansible;
use crate::attributes::{self, Info};
use crate::document::{Document, Node};
use crate::front_matter::FrontMatter;
use crate::languages::{self, Language, Shell};
use crate::measure;
use crate::model::{Edit, Fix, Item, ItemKind, PlaceholderSpan, Program, Quoting, Severity, Span};
use crate::nesting::Nesting;
use crate::options::{self, ReadOptions};
use crate::problems::Problems;
use crate::prompts::{self, Peeled};
use crate::shell::{self, Mark};
use crate::source::Source;
use crate::text_blocks;

/// Reads the code blocks of a document.
pub(crate) struct Reader<'a, 'b> {
    pub(crate) source: &'a Source,
    pub(crate) document: &'b Document<'a>,
    pub(crate) front_matter: &'b FrontMatter,
    /// Whether programs (`python`, `js`) run without attributes: in a file of Runme or of mask.
    pub(crate) programs_run: bool,
    /// Whether it is a file of mask, where the blocks of a command are one for each system.
    pub(crate) mask: bool,
    /// Commands that the library knows besides.
    pub(crate) commands: &'b [String],
    pub(crate) problems: &'b mut Problems<'a>,
}

/// How a block runs.
struct Shown {
    program: Program,
    shell: bool,
    guessed: bool,
    message: bool,
}

const OTHER_PROMPT: &str = "this block begins with the prompt of another shell and is shown as text: write its commands \
                            after `$ ` if they are meant for this one";
const NOT_A_COMMAND: &str = "this block is marked as shell but holds no command and is shown as text: give it its own \
                             language, such as `text` or `yaml`";

impl Reader<'_, '_> {
    /// The items among the code blocks, by node. Ids and hashes are given later.
    pub(crate) fn read(&mut self) -> HashMap<Node, Item> {
        let mut items = HashMap::new();
        for node in 0..self.document.len() {
            if matches!(self.document.tag(node), Some(Tag::CodeBlock(_)))
                && let Some(item) = self.block(node)
            {
                items.insert(node, item);
            }
        }
        if self.mask {
            self.leave_other_systems(&mut items);
        }
        items
    }

    /// Where a command of mask has PowerShell beside another block they are one and the same for two systems: PowerShell is text.
    fn leave_other_systems(&self, items: &mut HashMap<Node, Item>) {
        let mut command: Vec<Node> = Vec::new();
        for node in 0..=self.document.len() {
            if items.contains_key(&node) {
                command.push(node);
            } else if node == self.document.len() || matches!(self.document.tag(node), Some(Tag::Heading { .. })) {
                let windows = |node: &Node| items.get(node).is_some_and(|item| item.program == Program::PowerShell);
                let (others, ours): (Vec<Node>, Vec<Node>) = command.drain(..).partition(windows);
                if !ours.is_empty() {
                    others.iter().for_each(|node| drop(items.remove(node)));
                }
            }
        }
    }

    fn block(&mut self, node: Node) -> Option<Item> {
        let span = self.document.span(node);
        let is_fence = self.document.fence_info(node).is_some();
        let opening = opening_line(self.source.slice(span));
        let info = if is_fence { attributes::read(info_string(opening)) } else { Info::default() };
        let unclosed = is_fence && self.unclosed(span, opening);
        let read = options::read(&info, self.front_matter.settings.timeout);
        let mut language = Language::of(self.language(&info));
        if read.interpreter.is_some() && matches!(language, Language::Other | Language::Unsaid | Language::Measure(_))
        {
            language = Language::Script("");
        }
        if read.ignore {
            return None;
        }
        if read.playbook && matches!(info.language.to_lowercase().as_str(), "yaml" | "yml") {
            language = Language::Playbook;
        }
        let text = self.document.code(node);
        let shown = self.judge(span, &text, &info, language)?;
        let mut item = self.item(span, &text, &info, &read, shown);
        self.attribute_problems(Span { start: span.start, end: span.start + opening.len() }, &info, &read, &mut item);
        if unclosed {
            item.refused.get_or_insert_with(|| {
                "its fence is never closed, so nobody knows where it ends: close it".to_owned()
            });
        }
        if self.source.replaced_in(span) {
            item.refused.get_or_insert_with(|| {
                "it holds bytes that are not UTF-8, so what would run is not what the file says: save the file as UTF-8".to_owned()
            });
        }
        if item.kind != ItemKind::Message
            && let Some(sentence) = &self.front_matter.settings.refused
        {
            item.refused.get_or_insert_with(|| sentence.clone());
        }
        Some(item)
    }

    /// The language, with the short names that Runme and mask read in their own files.
    fn language<'i>(&self, info: &'i Info) -> &'i str {
        match info.language.as_str() {
            "js" | "mjs" if self.programs_run => "javascript",
            "ts" if self.programs_run => "typescript",
            "py" if self.programs_run => "python",
            "rb" if self.programs_run => "ruby",
            // What mask runs on Windows is no command of this system, and not judged as one.
            "cmd" if self.mask => "batch",
            written => written,
        }
    }

    /// Decides whether the block is an item; a hint says why a block that is marked as shell is none.
    fn judge(&mut self, span: Span, text: &str, info: &Info, language: Language) -> Option<Shown> {
        let attributed = info.attributes.iter().any(|(key, _)| !options::is_highlight(key)) || info.error.is_some();
        let default = self.front_matter.settings.shell.as_deref();
        let empty = text.trim().is_empty();
        match language {
            Language::Message => Some(Shown { program: Program::Sh, shell: false, guessed: false, message: true }),
            Language::Script(word) => {
                let runs = attributed || text.starts_with("#!") || self.programs_run;
                (runs && !empty).then(|| Shown {
                    program: languages::script_program(word),
                    shell: false,
                    guessed: false,
                    message: false,
                })
            }
            Language::Unsaid => {
                let is_command = text_blocks::looks_like_a_command(text, self.commands);
                (is_command || (attributed && !empty)).then(|| Shown {
                    program: Shell::Any.program(default),
                    shell: true,
                    guessed: !attributed,
                    message: false,
                })
            }
            // Other people's files show requests; only what says so in our words is one to be sent.
            Language::Measure(measure) => {
                let ours = info.error.is_some() || info.attributes.iter().any(|(key, _)| measure.is_meant_by(key));
                (ours && !empty).then_some(Shown {
                    program: Program::Measure(measure),
                    shell: false,
                    guessed: false,
                    message: false,
                })
            }
            Language::Shell(_) | Language::Playbook if empty => None,
            Language::Playbook => {
                Some(Shown { program: Program::Playbook, shell: false, guessed: false, message: false })
            }
            Language::Shell(shell) => {
                if prompts::is_for_another_shell(text) {
                    self.problems.hint("other-prompt", span, OTHER_PROMPT);
                    return None;
                }
                let judged = shell != Shell::Pwsh && !attributed;
                if judged && !prompts::is_prompted(text) && text_blocks::is_text(text) {
                    self.problems.hint("not-a-command", span, NOT_A_COMMAND);
                    return None;
                }
                Some(Shown { program: shell.program(default), shell: true, guessed: false, message: false })
            }
            Language::Other => None,
        }
    }

    fn item(&mut self, span: Span, text: &str, info: &Info, read: &ReadOptions, shown: Shown) -> Item {
        let kind = match () {
            () if shown.message => ItemKind::Message,
            () if read.undo => ItemKind::Undo,
            () if read.probe || read.tries => ItemKind::Probe,
            () => ItemKind::Command,
        };
        let mut options = read.options.clone();
        if kind == ItemKind::Probe {
            options.every.get_or_insert(std::time::Duration::from_secs(5));
            options.within.get_or_insert(std::time::Duration::from_secs(60));
        }
        let trimmed = text.trim_end_matches('\n');
        let mut item = Item {
            kind,
            line: self.source.line(span.start),
            span,
            text: if shown.message { trimmed.to_owned() } else { String::new() },
            language: info.language.to_lowercase(),
            program: shown.program,
            attributes: read.attributes.clone(),
            options,
            guessed: shown.guessed,
            expect: read.expect.clone(),
            ..Item::default()
        };
        if shown.message {
            return item;
        }
        if item.program == Program::Playbook {
            item.language = ansible::PLAYBOOK.to_owned();
            item.script = trimmed.to_owned();
            item.variables = ansible::variables(&item.script);
            item.options.no_input = true;
            return item;
        }
        if let Some(program) =
            read.interpreter.as_deref().and_then(languages::interpreter).or_else(|| languages::shebang(trimmed))
        {
            item.program = program;
        }
        if shown.shell {
            self.read_script(text, &mut item);
        } else {
            item.script = trimmed.to_owned();
        }
        if let Program::Measure(measure) = item.program {
            item.variables = measure::variables(measure, &item.script);
            item.options.no_input = true;
            measure::take_numbers(measure, &mut item.options);
        }
        item
    }

    /// Takes off prompts and samples, and finds what the script waits for.
    fn read_script(&mut self, text: &str, item: &mut Item) {
        let Peeled { script, sample, session_input, opens_session, .. } = prompts::peel(text);
        if item.guessed {
            self.problems.hint(
                "guessed",
                item.span,
                if opening_line(self.source.slice(item.span)).starts_with(['`', '~']) {
                    "this block has no language and is taken for a command: mark it as `sh`, or as `text` if it is none"
                } else {
                    "this indented block is taken for a command: put it into a fence marked `sh`, or `text` if it is none"
                },
            );
        }
        if sample.is_some() {
            self.problems.hint(
                "mixed-prompt",
                item.span,
                "this block mixes commands and output; only what follows a prompt runs: put the output into a block of its own",
            );
        }
        let is_shell = item.program.is_shell();
        item.script = script;
        item.sample = sample;
        item.session_input = session_input;
        item.opens_session = opens_session;
        if is_shell {
            find_values(item);
        }
        find_input_values(item);
    }

    fn attribute_problems(&mut self, span: Span, info: &Info, read: &ReadOptions, item: &mut Item) {
        if let Some(error) = &info.error {
            self.problems.error("attributes", span, error.clone());
            item.refused = Some(error.clone());
        }
        for sentence in &read.bad_expressions {
            self.problems.error("bad-expression", span, sentence.clone());
        }
        for sentence in &read.refusals {
            // A bad expression is said once.
            if !read.bad_expressions.iter().any(|bad| named(bad) == named(sentence)) {
                self.problems.error("attribute-refused", span, sentence.clone());
            }
            item.refused.get_or_insert_with(|| sentence.clone());
        }
        let unfit = measure::unfit(&item.program, read).into_iter().chain(ansible::unfit(&item.program, read));
        for sentence in unfit {
            self.problems.error("attribute-refused", span, sentence.clone());
            item.refused.get_or_insert(sentence);
        }
        if let Program::Measure(measure) = item.program
            && let Some(sentence) = measure::wrong(measure, &item.script, &item.options.measured)
        {
            let sentence = format!("this `{}` block cannot be sent: {sentence}", measure.language());
            self.problems.error("bad-request", item.span, sentence.clone());
            item.refused.get_or_insert(sentence);
        }
        if item.program == Program::Playbook
            && let Some(sentence) = ansible::wrong(&item.script)
        {
            let sentence = format!("this playbook cannot be run: {sentence}");
            self.problems.error("bad-playbook", item.span, sentence.clone());
            item.refused.get_or_insert(sentence);
        }
        let common = measure::COMMON_WORDS.iter().map(|key| (*key).to_owned());
        let without_meaning = common.filter(|key| !item.measures() && read.attributes.contains_key(key));
        for key in read.unknown.iter().cloned().chain(without_meaning) {
            self.problems.hint(
                "unknown-attribute",
                span,
                format!("the attribute `{key}` is unknown and has no effect: remove it if it was meant to have one"),
            );
        }
    }

    /// Whether a fence runs to the end of the file.
    fn unclosed(&mut self, span: Span, opening: &str) -> bool {
        let text = self.source.slice(span);
        let behind = self.source.text.get(span.end..).unwrap_or_default();
        let fence = fence_of(opening);
        let last = text.trim_end().rsplit(['\n', '\r']).next().unwrap_or_default();
        let bare = last.trim_start_matches([' ', '\t', '>']).trim_end();
        let closed = text.trim_end().len() > opening.len()
            && bare.starts_with(fence)
            && bare.chars().all(|letter| fence.starts_with(letter));
        if closed || !behind.trim().is_empty() {
            return false;
        }
        let end = self.source.text.len();
        let column = self
            .source
            .text
            .get(self.source.line_start(self.source.line(span.start))..span.start)
            .unwrap_or_default();
        let indent = if column.trim().is_empty() { column.to_owned() } else { " ".repeat(column.chars().count()) };
        let feed = if self.source.text.ends_with('\n') { "" } else { "\n" };
        self.problems.add(
            "unclosed-fence",
            Severity::Error,
            Span { start: span.start, end: span.start + opening.len() },
            format!("this fence is never closed and runs to the end of the file: put `{fence}` where it ends"),
            vec![Fix {
                title: "Close the fence".to_owned(),
                edits: vec![Edit { span: Span { start: end, end }, text: format!("{feed}{indent}{fence}\n") }],
                safe: true,
            }],
        );
        true
    }
}

/// What a sentence is about: its first words in backticks.
fn named(sentence: &str) -> &str {
    sentence.split('`').nth(1).unwrap_or_default()
}

fn opening_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

fn fence_of(opening: &str) -> &str {
    let letter = opening.chars().next().unwrap_or('`');
    let length = opening.len() - opening.trim_start_matches(letter).len();
    opening.get(..length).unwrap_or_default()
}

fn info_string(opening: &str) -> &str {
    opening.get(fence_of(opening).len()..).unwrap_or_default()
}

/// Finds placeholders, doubts and variables in an item's script.
fn find_values(item: &mut Item) {
    let script = item.script.as_str();
    let scan = shell::scan(script);
    let placeholders = shell::placeholders(script, &scan);
    let commands = shell::commands(script, &scan, &placeholders);
    let doubts = shell::doubts(script, &scan, &placeholders, &commands);
    let sets = shell::assigned(script, &scan, &commands);
    let variables =
        if item.program == Program::PowerShell { Vec::new() } else { shell::variables(script, &scan, &sets) };
    let place = |marks: Vec<Mark>| -> Vec<PlaceholderSpan> {
        let mut nesting = Nesting::new(&item.program, script, &commands, &scan);
        let quoted = marks.into_iter().map(|mark| PlaceholderSpan {
            quoting: nesting.quoting(&mark),
            name: mark.name,
            span: mark.span,
        });
        quoted.collect()
    };
    let placeholder_spans = place(placeholders.clone());
    let doubt_spans = place(doubts);
    item.placeholders = once(placeholder_spans.iter().map(|span| span.name.clone()));
    item.doubts = once(doubt_spans.iter().map(|span| span.name.clone()));
    item.variables = variables;
    item.sets = once(sets.into_iter().map(|(name, _)| name));
    item.placeholder_spans = placeholder_spans;
    item.doubt_spans = doubt_spans;
}

/// Finds the placeholders in the lines for a session. Nobody here knows what reads them: only plain values are taken.
fn find_input_values(item: &mut Item) {
    let input = item.session_input.iter().map(|line| {
        let marks = shell::placeholders(line, &shell::scan(line));
        marks
            .into_iter()
            .map(|mark| PlaceholderSpan { name: mark.name, span: mark.span, quoting: Quoting::Uncertain })
            .collect()
    });
    item.input_spans = input.collect();
    item.input_placeholders = once(item.input_spans.iter().flatten().map(|span| span.name.clone()));
}

/// Each name once, in order of appearance.
fn once(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(name.clone())).collect()
}
