//! What a runbook is made of. Every part knows where it stands in the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::front_matter::About;
pub use crate::languages::Program;
use crate::links::Target;

/// A byte range `[start, end)` into the file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.start, self.end).serialize(serializer)
    }
}

/// The part of a runbook that a section belongs to (FORMAT.md, "Phases and steps").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading matter: can be run by hand, is not part of the path.
    Reference,
    /// What must hold before the first step.
    Preconditions,
    /// Looking, without changing anything.
    Diagnosis,
    /// The work itself.
    Steps,
    /// How success is recognised.
    Validation,
    /// The way back: not part of the path.
    Rollback,
}

impl Phase {
    /// Whether its steps are part of the path of a run (RUNS.md).
    #[must_use]
    pub fn on_path(self) -> bool {
        !matches!(self, Self::Reference | Self::Rollback)
    }

    /// Whether a command in it counts as changing something (RUNS.md, "Going forward").
    #[must_use]
    pub fn changes_something(self) -> bool {
        !matches!(self, Self::Reference | Self::Diagnosis)
    }
}

/// What a runbook is for; decides which parts the completeness check asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something broke.
    Incident,
    /// Planned, repeated work.
    Routine,
}

/// A whole Markdown file, understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Runbook {
    /// The path as the caller named it.
    pub path: String,
    /// Lower-case hexadecimal SHA-256 of the file's bytes.
    pub revision: String,
    /// Front matter's `title`, else the only level-1 heading, else the file's name.
    pub title: String,
    /// Front matter's `kind`.
    pub kind: Option<Kind>,
    /// Every key of the front matter, as written.
    pub front_matter: serde_json::Map<String, serde_json::Value>,
    /// What of the front matter the engine needs, read and typed.
    #[serde(skip)]
    pub settings: Settings,
    /// What of the front matter lists, searches and reviews need, read and typed.
    #[serde(skip)]
    pub about: About,
    /// Sections in the document's order; a phase may recur.
    pub phases: Vec<Section>,
    /// Every fenced block of the document in order, whatever its language.
    pub blocks: Vec<Block>,
    /// Every link of the document in order.
    pub links: Vec<Link>,
    /// Every picture of the document in order.
    #[serde(skip)]
    pub images: Vec<Image>,
    /// Every `{{name}}` that could be a variable, in order, whether it is declared or not.
    #[serde(skip)]
    pub variables: Vec<VariableUse>,
    /// What is wrong or could be better, in line order.
    pub problems: Vec<Problem>,
}

/// Defaults for the commands of one runbook, from its front matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `shell`.
    pub shell: Option<String>,
    /// `cwd`, relative to the runbook's folder unless absolute.
    pub cwd: Option<String>,
    /// `timeout` of every command that names none.
    pub timeout: Option<std::time::Duration>,
    /// `env`: plain variables for every command, in the file's order.
    pub env: Vec<(String, String)>,
    /// `params`: what to ask for at the start, in the file's order.
    pub params: Vec<Param>,
    /// `access`: environment variable to `keychain://entry/field`.
    pub access: Vec<(String, String)>,
    /// Runme's `skipPrompts`: variables that have a value already are not asked for.
    pub skip_prompts: bool,
    /// Runme's `terminalRows`: lines of each terminal.
    pub terminal_rows: Option<u16>,
    /// A key of ours whose value cannot be read: nothing of this runbook may run until it is mended.
    pub refused: Option<String>,
}

/// A value asked for when a run starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Param {
    /// The variable's name.
    pub name: String,
    /// What to ask.
    pub prompt: Option<String>,
    /// Used when nothing is given.
    pub default: Option<String>,
    /// The only values allowed, when there are any.
    pub choices: Vec<String>,
    /// A regular expression that the whole value must match.
    pub pattern: Option<String>,
    /// Whether a run may start without it.
    pub required: bool,
    /// Whether its value is kept out of every record.
    pub secret: bool,
}

/// A run of steps under one heading that stand in one phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Which phase.
    pub phase: Phase,
    /// The heading's text; empty before the first heading.
    pub heading: String,
    /// Line of the heading, from 1.
    pub line: usize,
    /// Level of the heading, 1 to 6; 0 before the first heading.
    #[serde(skip)]
    pub level: u8,
    /// Heading and body, without the sub-sections that stand for themselves.
    #[serde(skip)]
    pub span: Span,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A section, or an entry of its ordered list, that has something to do in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Unique in the runbook: a slug of the title, numbered when taken.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// First line, from 1.
    pub line: usize,
    /// Whether it holds an undo block.
    pub can_undo: bool,
    /// Whether one of its commands says `undo=none`: a point of no return.
    #[serde(skip)]
    pub no_return: bool,
    /// The number that the document gives it, as written (`3`, `2a`), if any.
    #[serde(skip)]
    pub number: Option<String>,
    /// All of it.
    #[serde(skip)]
    pub span: Span,
    /// Advice that begins with bold `If it fails`, as Markdown.
    #[serde(skip)]
    pub if_it_fails: Option<String>,
    /// The things to do, in order.
    pub items: Vec<Item>,
}

/// What kind of thing an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A person attests it.
    #[default]
    Check,
    /// The machine senses it.
    Probe,
    /// Runs once.
    Command,
    /// Reverses its step; never run on the way forward.
    Undo,
    /// Text to be sent.
    Message,
}

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Item {
    /// Unique in the runbook: `name`, else a slug.
    pub id: String,
    /// What kind.
    pub kind: ItemKind,
    /// First line of the fence or list entry, from 1.
    pub line: usize,
    /// The fence or list entry.
    pub span: Span,
    /// A check's text, a message's text; empty for the others. Plain text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The fence's language as written, in lower case; empty where there is none.
    pub language: String,
    /// What would run: prompts and sample output taken off.
    pub script: String,
    /// What runs the script.
    #[serde(skip)]
    pub program: Program,
    /// Every attribute as written, in order.
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// The attributes that this version honours, read and typed.
    #[serde(skip)]
    pub options: Options,
    /// Why it must not run, if a guard of its block cannot be honoured (`attribute-refused`): one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Taken for a command though the fence has no language: a person starts it, auto stops before it.
    pub guessed: bool,
    /// Names of the placeholders, in order of appearance, each once.
    pub placeholders: Vec<String>,
    /// Where each placeholder stands in `script`, for filling.
    #[serde(skip)]
    pub placeholder_spans: Vec<PlaceholderSpan>,
    /// Doubts, as they stand in the script, each once.
    pub doubts: Vec<String>,
    /// Where each doubt stands in `script`; its name is its text.
    #[serde(skip)]
    pub doubt_spans: Vec<PlaceholderSpan>,
    /// Variables that the script uses without a default and does not set itself, in order, each once. Whoever
    /// runs it takes off what the environment and the run have set.
    pub variables: Vec<String>,
    /// Variables that the script sets itself, in order, each once: what follows it may use them.
    #[serde(skip)]
    pub sets: Vec<String>,
    /// Lines that are input for the session that the script's last command opens, never run on this machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub session_input: Vec<String>,
    /// Names of the placeholders in the lines of `session_input`, in order, each once: asked for before the script is
    /// started, as its own are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input_placeholders: Vec<String>,
    /// Where the placeholders stand in each line of `session_input`: one list for each line.
    #[serde(skip)]
    pub input_spans: Vec<Vec<PlaceholderSpan>>,
    /// Whether the script's last command opens an interactive session (another shell).
    #[serde(skip)]
    pub opens_session: bool,
    /// The runbook that a check stands for: its text is one link to a Markdown file of the library. Whether there is such a
    /// file is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked: Option<crate::LinkedRunbook>,
    /// Sample output that stood among the prompts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The first expectation in words, as FORMAT.md's `show --json` prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Lower-case hexadecimal SHA-256 over everything that decides what it does when started.
    pub hash: String,
}

impl Item {
    /// Names of the placeholders that have to be filled before it starts: those of its script, then those that stand
    /// in the lines for its session alone.
    pub fn asked_placeholders(&self) -> impl Iterator<Item = &String> {
        let own = &self.placeholders;
        own.iter().chain(self.input_placeholders.iter().filter(move |name| !own.contains(name)))
    }
}

/// Where a placeholder stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderSpan {
    /// Its name, without the brackets.
    pub name: String,
    /// Bytes in the item's script, brackets included.
    pub span: Span,
    /// The quoting around it.
    pub quoting: Quoting,
}

/// How the place where a placeholder stands is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// Outside quotes.
    Bare,
    /// Inside double quotes.
    Double,
    /// Inside single quotes.
    Single,
    /// In a here-document whose delimiter is not quoted.
    HereDocument,
    /// Where quoting cannot be certain: only plain values are taken.
    Uncertain,
}

/// Attributes that this version honours (FORMAT.md, "Fence attributes").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `name` or `id`, as written.
    pub name: Option<String>,
    /// `undo=none`.
    pub no_return: bool,
    /// `every` of a probe; 5 s unless written.
    pub every: Option<std::time::Duration>,
    /// `within` of a probe; 1 min unless written.
    pub within: Option<std::time::Duration>,
    /// What the output and exit status must be.
    pub expectations: Vec<Expectation>,
    /// Accepted exit statuses; `None` is `any`.
    pub exit: Option<Vec<i32>>,
    /// `timeout`, else that of the front matter.
    pub timeout: Option<std::time::Duration>,
    /// `cwd` of the block, relative to that of the front matter; on a target, to where it begins there.
    pub cwd: Option<String>,
    /// `on`: where it runs; `None` is this machine.
    pub on: Option<crate::On>,
    /// `at_once`, `batch` and `max_fail`: how it goes about many hosts.
    pub fleet: crate::Fleet,
    /// `inventory`: the file in which Ansible looks for hosts, from the runbook's folder on.
    pub inventory: Option<String>,
    /// `optional`: its failure does not fail the run.
    pub optional: bool,
    /// Runme's `excludeFromRunAll`: a person starts it, auto stops before it.
    pub by_hand: bool,
    /// `retry`: further attempts after a failure, with `every` between. A probe has none.
    pub retry: u32,
    /// `confirm`: asked before it starts.
    pub confirm: Option<Confirm>,
    /// `capture`: the variable that the trimmed output becomes.
    pub capture: Option<String>,
    /// Runme's `background`: the path goes on while it runs; it ends with the run.
    pub background: bool,
    /// Runme's `interactive=false`: nobody can type into it, its standard input is empty.
    pub no_input: bool,
    /// Runme's `promptEnv` and `skipPrompts`: which variables are asked for before it starts.
    pub prompt_env: PromptEnv,
    /// Runme's `terminalRows`: rows of its terminal, 1 to 500.
    pub terminal_rows: Option<u16>,
    /// What a block that measures expects of it.
    pub measured: crate::Measured,
}

/// What a person is asked before a block starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// Whether to start it.
    Ask,
    /// To type this text.
    Type(String),
}

/// Which variables are asked for before a block starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromptEnv {
    /// Those that it uses and nobody has set.
    #[default]
    Unset,
    /// `auto`: beside them those that it exports with a value of its own and nobody has set yet.
    Exported,
    /// `true`, `yes`, `always`, `1`: every variable that it exports with a value of its own, also one that is set.
    Always,
    /// `false`, `no`, `never`, `skip`, `0`, or `skipPrompts`: none.
    Never,
}

/// One condition on the output, colours stripped.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// `expect`: the output contains it.
    Contains(Pattern),
    /// `expect_not`: the output does not contain it.
    Absent(Pattern),
    /// `expect_each`: every line that is not blank matches.
    Each(Pattern),
    /// `expect_number`: the last number in the output, compared.
    Number(Comparison, f64),
}

/// Text, or an expression that a line must match (`/…/`, the syntax of the `regex` crate).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Plain text.
    Text(String),
    /// The expression between the slashes; known to compile.
    Expression(String),
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

/// A fence of the document, whatever its language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// The language: the info string's first word.
    pub language: String,
    /// The info string as CommonMark gives it.
    pub info: String,
    /// The text as CommonMark gives it.
    pub text: String,
    /// All of it.
    #[serde(skip)]
    pub span: Span,
}

/// A link of the document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Its text.
    pub text: String,
    /// Its address, as written, references resolved; `name#heading` of a wiki link.
    pub url: String,
    /// Where it leads.
    #[serde(skip)]
    pub target: Target,
    /// Line, from 1.
    pub line: usize,
    /// All of it; of HTML the tag that begins it.
    #[serde(skip)]
    pub span: Span,
    /// The address alone, without `<…>` or quotes; in its definition, where it has one. `None` where it cannot be told
    /// for certain.
    #[serde(skip)]
    pub url_span: Option<Span>,
}

/// A picture of the document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// What is said of it.
    pub alt: String,
    /// Its address, as written, references resolved.
    pub url: String,
    /// Where it is.
    #[serde(skip)]
    pub target: Target,
    /// Line, from 1.
    pub line: usize,
    /// All of it.
    #[serde(skip)]
    pub span: Span,
    /// The address alone, as of a link.
    #[serde(skip)]
    pub url_span: Option<Span>,
}

/// A `{{name}}` of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableUse {
    /// The name.
    pub name: String,
    /// All of it; the whole link where its address cannot be told apart.
    pub span: Span,
    /// What it stands in.
    pub place: VariablePlace,
}

/// What a variable stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariablePlace {
    /// Text, also that of HTML and of the front matter.
    Prose,
    /// The address of a link or a picture.
    Link,
    /// A message.
    Message,
    /// A heading or the title.
    Heading,
    /// Code within a line: filled in where it is declared; elsewhere it may well be an example.
    Code,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something to consider.
    Hint,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

/// Something wrong, or that could be better.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// A code of FORMAT.md's table.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Line, from 1.
    pub line: usize,
    /// Where.
    #[serde(skip)]
    pub span: Span,
    /// One sentence that says what is wrong and what to do.
    pub message: String,
    /// How a machine can mend it: the ways there are, the likeliest first.
    #[serde(rename = "fix", serialize_with = "first_fix")]
    pub fixes: Vec<Fix>,
}

/// A way to mend a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does, as a button says it: `Add expect`.
    pub title: String,
    /// The changes, in order, not touching each other.
    pub edits: Vec<Edit>,
    /// Whether it means the same whoever applies it, so that `--fix` may: one that wants a person's word or a secret
    /// moved does not.
    pub safe: bool,
}

/// The likeliest, as FORMAT.md's `show --json` prints it.
fn first_fix<S: Serializer>(fixes: &[Fix], serializer: S) -> Result<S::Ok, S::Error> {
    fixes.first().serialize(serializer)
}

/// A change of one span; all other bytes stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// Values by name.
pub type Values = BTreeMap<String, String>;

impl Runbook {
    /// Every item in the document's order, with the section and step that it stands in.
    pub fn items(&self) -> impl Iterator<Item = (&Section, &Step, &Item)> {
        self.phases.iter().flat_map(|section| {
            section.steps.iter().flat_map(move |step| step.items.iter().map(move |item| (section, step, item)))
        })
    }

    /// The item of that id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<(&Section, &Step, &Item)> {
        self.items().find(|(_, _, item)| item.id == id)
    }
}
