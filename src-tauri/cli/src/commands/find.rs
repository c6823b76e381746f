//! `allgood find`: the palette, on the command line.

use api::{
    App, ErrorCode,
    commands::Nothing,
    wire::{OpenRunbookLink, PaletteChoice, PaletteHit, PaletteKind, PaletteQuery},
};

use super::{access, lines, link, list::hits, outside::quoted, show, show_run, table};
use crate::{
    arguments::{
        AccessCommand, AccessShow, FindArguments, LinkCommand, LinkFilter, LinkOpen, ShowArguments, ShowRunArguments,
    },
    look::{DIM, one_line, styled, word},
    out::{Out, message},
    status::{Failure, Status},
};

/// Finds whatever is called so, and does the best hit where that was asked.
pub(crate) fn find(app: &App, out: &mut Out, arguments: &FindArguments) -> Result<Status, Failure> {
    if arguments.forget {
        app.palette_forget(Nothing {})?;
        out.line("What was learnt from choices is forgotten.");
        return Ok(Status::Good);
    }
    app.library_rescan(Nothing {})?;
    let text = arguments.text.join(" ");
    let query = PaletteQuery { text: text.clone(), limit: arguments.limit, actions: Vec::new() };
    let found = app.palette_search(query)?.hits;
    if arguments.json {
        out.json(&found)?;
        return Ok(Status::Good);
    }
    let Some(first) = found.first() else {
        let text = text.trim();
        message(&match text.strip_prefix(['>', '@', '#']) {
            None if text.is_empty() => "Nothing was chosen yet: say a few letters of what you look for.".to_owned(),
            None => format!(
                "Nothing is called \"{}\". To make a runbook of that name: allgood new --title {}",
                one_line(text),
                quoted(&one_line(text))
            ),
            Some(_) if text.starts_with('>') => {
                "Actions are those of the window: the command line has a command for each.".to_owned()
            }
            Some(_) => format!("Nothing is so: {}", one_line(text)),
        });
        return Ok(if arguments.go { Status::Input } else { Status::Good });
    };
    if arguments.go {
        let done = go(app, out, first)?;
        app.palette_chosen(PaletteChoice { text, kind: first.kind, id: first.id.clone(), part: first.part.clone() })?;
        return Ok(done);
    }
    let mut shown = table(out.look, &["", "title", ""]);
    for hit in &found {
        shown.add_row([styled(DIM, word(hit.kind)), hits(&hit.title), styled(DIM, hits(&hit.beside))]);
    }
    lines(&shown).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// Does what a hit is for, as its own command does.
fn go(app: &App, out: &mut Out, hit: &PaletteHit) -> Result<Status, Failure> {
    match hit.kind {
        PaletteKind::Run => show_run(app, out, &ShowRunArguments { run: hit.id.clone(), output: false, json: false }),
        PaletteKind::Runbook => show(app, out, &ShowArguments { file: hit.id.clone().into(), json: false }),
        PaletteKind::Step => {
            let line = hit.line.unwrap_or(1);
            out.line(&format!("{}, line {line} of {}", one_line(&hit.part), one_line(&hit.id)));
            out.line("");
            show(app, out, &ShowArguments { file: hit.id.clone().into(), json: false })
        }
        PaletteKind::Access => {
            let show = AccessShow { name: hit.id.clone(), json: false };
            access(app, out, &AccessCommand::Show(show))
        }
        PaletteKind::Link if !hit.part.is_empty() => {
            let (path, address) = (hit.id.clone(), hit.part.clone());
            let request = OpenRunbookLink { path, address, ..OpenRunbookLink::default() };
            let opened = app.runbook_link_open(request).map_err(|error| match error.code {
                ErrorCode::NeedsValues => {
                    let said = error.message.trim_end_matches('.');
                    let file = quoted(&hit.id);
                    let how = format!("say it with `allgood link open --runbook {file} --param NAME=VALUE`");
                    Failure::new(Status::Person, format!("{said}; {how}."))
                }
                _ => error.into(),
            })?;
            out.line(&format!("{} was opened: {}", one_line(&opened.title), one_line(&opened.address)));
            Ok(Status::Good)
        }
        PaletteKind::Link => {
            let open = LinkOpen {
                links: vec![hit.id.clone()],
                filter: LinkFilter { group: None, tag: None },
                parameters: Vec::new(),
                run: None,
                runbook: None,
                print: false,
                yes: false,
            };
            link(app, out, &LinkCommand::Open(open))
        }
        // The command line offers none.
        PaletteKind::Action => Ok(Status::Good),
    }
}
