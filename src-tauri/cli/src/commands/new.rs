//! `allgood new`: a runbook begins from a template, from what was copied from a terminal, or from a page.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use api::{
    App,
    commands::Nothing,
    wire::{MakeFrom, MakeText, NewRunbook},
};

use super::{files::whole, lines, table};
use crate::{
    arguments::NewArguments,
    look::{BOLD, one_line, styled},
    out::{Out, message},
    status::{Failure, Status},
};

/// How many bytes of a session or a page are taken: more is no copy of something that a person read.
const LONGEST: u64 = 16 << 20;

/// Makes the file of a new runbook, prints its text, or lists the templates.
pub(crate) fn new(app: &App, out: &mut Out, arguments: &NewArguments) -> Result<Status, Failure> {
    if arguments.list {
        return list(app, out);
    }
    let (source, file) = meant(arguments)?;
    let title = arguments.title.clone().unwrap_or_default();
    let made = app.make_text(MakeText { source, title, owner: arguments.owner.clone() })?;
    if arguments.print {
        out.raw(made.text.as_bytes());
        return Ok(Status::Good);
    }
    let path = match file {
        Some(file) if file.is_dir() || file.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            file.join(&made.file_name)
        }
        Some(file) => file,
        None => PathBuf::from(&made.file_name),
    };
    let path = write(app, &whole(&path)?, &made.text)?;
    out.line(&format!("{} was made.", one_line(&path)));
    message(&format!(
        "What belongs into its parts stands in them as guidance. Then: allgood check {}",
        one_line(&path)
    ));
    Ok(Status::Good)
}

fn list(app: &App, out: &mut Out) -> Result<Status, Failure> {
    let mut table = table(out.look, &["template", "kind", "what it is for"]);
    for template in app.templates(Nothing {})? {
        table.add_row([styled(BOLD, &template.name), template.kind.unwrap_or_default(), template.summary]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// What it begins with, and the file that was named. A session or a page needs no template, so that one word is the file
/// then; a word with a Markdown ending or a `/` is a file in any case.
fn meant(arguments: &NewArguments) -> Result<(MakeFrom, Option<PathBuf>), Failure> {
    let source = match (&arguments.from_session, &arguments.from_html) {
        (Some(from), _) => Some(MakeFrom::Session { text: read(from)? }),
        (_, Some(from)) => Some(MakeFrom::Page { html: read(from)? }),
        _ => None,
    };
    let template = |name: &str| MakeFrom::Template { name: name.to_owned() };
    let (source, file) = match (source, &arguments.template, &arguments.file) {
        (Some(_), Some(one), Some(other)) => {
            let other = other.display();
            let sentence =
                format!("Name one file, not \"{one}\" and \"{other}\": what it begins with is given already.");
            return Err(Failure::new(Status::Input, sentence));
        }
        (Some(source), file, _) => (source, file.as_ref().map(PathBuf::from)),
        (None, Some(file), None) if is_markdown(Path::new(file)) || file.contains('/') => {
            (template("blank"), Some(PathBuf::from(file)))
        }
        (None, name, file) => (template(name.as_deref().unwrap_or("blank")), file.clone()),
    };
    if arguments.print && file.is_some() {
        return Err(Failure::new(Status::Input, "--print writes no file: leave its name out, or leave out --print."));
    }
    Ok((source, file))
}

/// The text of a file, or of standard input for `-`.
fn read(from: &Path) -> Result<String, Failure> {
    let wrong =
        |error: io::Error| Failure::new(Status::Input, format!("{} cannot be read: {error}.", from.display()));
    let mut bytes = Vec::new();
    if from == Path::new("-") {
        if io::stdin().is_terminal() {
            message("Paste it here, then press Ctrl-D on a line of its own.");
        }
        io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    } else {
        fs::File::open(from).map_err(wrong)?.take(LONGEST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    }
    if bytes.len() as u64 > LONGEST {
        let sentence =
            format!("{} is longer than 16 MiB: give the part that is to become a runbook.", from.display());
        return Err(Failure::new(Status::Input, sentence));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes the file, never over another; gives its path.
fn write(app: &App, path: &Path, text: &str) -> Result<String, Failure> {
    let name = path.display();
    let around = app.library_folders(Nothing {})?.into_iter().filter(|folder| path.starts_with(&folder.path));
    if let Some(folder) = around.max_by_key(|folder| folder.path.len()) {
        // Within the library it is the window's own way: the history begins with it.
        let within = path.strip_prefix(&folder.path).unwrap_or(path);
        let Some(relative) = within.to_str() else {
            return Err(Failure::new(Status::Input, format!("{name} is no UTF-8: choose another name.")));
        };
        let new = NewRunbook { library: folder.id, relative: relative.to_owned(), text: text.to_owned() };
        return Ok(app.runbook_new(new)?);
    }
    if !is_markdown(path) {
        let sentence = format!("{name} is no Markdown file: a runbook's name ends in .md or .markdown.");
        return Err(Failure::new(Status::Input, sentence));
    }
    let wrong = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(Status::Input, format!("There is a file {name} already: choose another name."))
        }
        _ => Failure::new(Status::Input, format!("{name} cannot be written: {error}.")),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(wrong)?;
    if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
        // It was made here a moment ago: half a runbook is worse than none.
        let _ = fs::remove_file(path);
        return Err(wrong(error));
    }
    Ok(path.display().to_string())
}

fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown"))
}
