//! Puts a runbook together: reads the parts, gives ids and hashes, and looks for names that stand twice.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Knowledge;
use crate::blocks;
use crate::document::Document;
use crate::front_matter::FrontMatter;
use crate::linked;
use crate::links;
use crate::model::{Item, ItemKind, Program, Runbook, Section, Settings, Span};
use crate::problems::Problems;
use crate::sections::{self, Doings, Part};
use crate::slug::{Taken, slug};
use crate::source::Source;
use crate::steps::Builder;
use crate::variable_uses;

/// Reads the bytes of a file.
pub(crate) fn runbook(path: &str, bytes: &[u8], knowledge: &Knowledge) -> Runbook {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    if let Some(start) = source.first_replaced() {
        let message =
            "the file holds bytes that are not UTF-8 (or NUL), which are shown as \u{fffd}: save it as UTF-8";
        problems.error("encoding", Span { start, end: start + '\u{fffd}'.len_utf8() }, message);
    }
    let front_matter = FrontMatter::read(&source, &mut problems);
    let document = Document::new(&source.text, front_matter.body);
    let items = blocks::Reader {
        source: &source,
        document: &document,
        front_matter: &front_matter,
        programs_run: front_matter.is_runme() || is_maskfile(path),
        mask: is_maskfile(path),
        commands: &knowledge.commands,
        problems: &mut problems,
    }
    .read();
    let doings = Doings::new(&document, &items);
    let parts = sections::split(&document, &items, &doings, front_matter.body);
    let title = title(path, &front_matter, &parts);
    let mut phases = Builder { source: &source, document: &document, doings: &doings, blocks: items, title: &title }
        .sections(&parts);
    name_items(&mut phases, &mut problems);
    name_steps(&mut phases);
    let (links, images) = links::links(&document, &source, path);
    for item in phases.iter_mut().flat_map(|section| &mut section.steps).flat_map(|step| &mut step.items) {
        item.linked = linked::of(item, &links, &source);
        item.hash = hash(item, &front_matter.settings);
    }
    let variables = variable_uses::all(&document, &source, front_matter.body, &phases, &links, &images);
    let mut runbook = Runbook {
        path: path.to_owned(),
        revision: hexadecimal(bytes),
        title,
        kind: front_matter.kind,
        front_matter: front_matter.values,
        settings: front_matter.settings,
        about: front_matter.about,
        phases,
        blocks: links::blocks(&document, &source),
        links,
        images,
        variables,
        problems: problems.finish(),
    };
    to_file(&mut runbook, &source);
    runbook
}

/// Whether mask reads the file: it goes by its name.
fn is_maskfile(path: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|name| name.eq_ignore_ascii_case("maskfile.md"))
}

fn title(path: &str, front_matter: &FrontMatter, parts: &[Part]) -> String {
    let heading =
        || parts.iter().find(|part| part.level == 1 && !part.heading.is_empty()).map(|part| part.heading.clone());
    front_matter.title.clone().or_else(heading).unwrap_or_else(|| {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
            _ => name.to_owned(),
        }
    })
}

/// Written names come first, so that a slug never takes one; the rest is numbered in the document's order.
fn name_items(phases: &mut [Section], problems: &mut Problems<'_>) {
    let mut taken = Taken::default();
    for item in phases.iter_mut().flat_map(|section| &mut section.steps).flat_map(|step| &mut step.items) {
        let Some(name) = item.options.name.as_deref().map(str::trim) else { continue };
        if taken.take(name) {
            name.clone_into(&mut item.id);
        } else {
            let message = format!("another block is named `{name}` too: give this one a name of its own");
            problems.error("duplicate-name", item.span, message.clone());
            item.refused.get_or_insert(message);
        }
    }
    for item in phases.iter_mut().flat_map(|section| &mut section.steps).flat_map(|step| &mut step.items) {
        if item.id.is_empty() {
            let wanted = match item.options.name.as_deref().map(str::trim) {
                Some(name) => name.to_owned(),
                None => wanted(item),
            };
            item.id = taken.take_numbered(&wanted);
        }
    }
}

fn wanted(item: &Item) -> String {
    match item.kind {
        ItemKind::Check => slug(&item.text, "check"),
        ItemKind::Message => slug(&first_words(&item.text), "message"),
        ItemKind::Command | ItemKind::Probe | ItemKind::Undo => {
            slug(&first_words(crate::prompts::first_line(&item.script).unwrap_or_default()), "command")
        }
    }
}

fn first_words(text: &str) -> String {
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn name_steps(phases: &mut [Section]) {
    let mut taken = Taken::default();
    for step in phases.iter_mut().flat_map(|section| &mut section.steps) {
        step.id = taken.take_numbered(&slug(&step.title, "step"));
    }
}

/// Everything that decides what starting an item does, in the canonical form of RFC 8785.
fn hash(item: &Item, settings: &Settings) -> String {
    let seconds = |duration: Option<std::time::Duration>| duration.map(|duration| duration.as_millis().to_string());
    let what = json!({
        "kind": item.kind,
        "text": item.text,
        "language": item.language,
        "script": item.script,
        "program": program(&item.program),
        "attributes": item.attributes,
        "refused": item.refused,
        "guessed": item.guessed,
        "session_input": item.session_input,
        "opens_session": item.opens_session,
        "placeholders": item.placeholder_spans.iter().chain(&item.doubt_spans).map(|place| format!("{place:?}")).collect::<Vec<_>>(),
        "timeout": seconds(item.options.timeout),
        "settings": {
            "cwd": settings.cwd,
            "env": settings.env,
            "access": settings.access,
            "params": settings.params.iter().map(|param| format!("{param:?}")).collect::<Vec<_>>(),
            "refused": settings.refused,
        },
    });
    let mut what = what;
    if let (Some(linked), Some(what)) = (&item.linked, what.as_object_mut()) {
        what.insert("linked".to_owned(), json!(linked.url));
    }
    let canonical = serde_json_canonicalizer::to_vec(&what).unwrap_or_else(|_| what.to_string().into_bytes());
    hexadecimal(&canonical)
}

fn program(program: &Program) -> Value {
    match program {
        Program::Interpreter(words) => json!(words),
        other => json!(format!("{other:?}")),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Spans of the text become spans of the file.
fn to_file(runbook: &mut Runbook, source: &Source) {
    for section in &mut runbook.phases {
        section.span = source.file_span(section.span);
        for step in &mut section.steps {
            step.span = source.file_span(step.span);
            for item in &mut step.items {
                item.span = source.file_span(item.span);
            }
        }
    }
    for block in &mut runbook.blocks {
        block.span = source.file_span(block.span);
    }
    for link in &mut runbook.links {
        link.span = source.file_span(link.span);
        link.url_span = link.url_span.map(|span| source.file_span(span));
    }
    for variable in &mut runbook.variables {
        variable.span = source.file_span(variable.span);
    }
    for image in &mut runbook.images {
        image.span = source.file_span(image.span);
        image.url_span = image.url_span.map(|span| source.file_span(span));
    }
}
