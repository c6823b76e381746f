//! `allgood link`: addresses that a person keeps.

mod bringing;
mod opening;

use api::{
    App,
    wire::{EditLink, LinksQuery, NewLink, SavedLink, SavedLinkArgument},
};

use crate::{
    arguments::{LinkAdd, LinkCommand, LinkEdit, LinkListArguments, LinkPin, LinkRename, LinkShow},
    commands::{lines, table},
    look::{BOLD, DIM, FAIL, counted, one_line, styled, time},
    out::{Out, message},
    status::{Failure, Status},
};

/// Does what was asked of links.
pub(crate) fn link(app: &App, out: &mut Out, command: &LinkCommand) -> Result<Status, Failure> {
    match command {
        LinkCommand::Add(arguments) => add(app, out, arguments),
        LinkCommand::List(arguments) => list(app, out, arguments),
        LinkCommand::Show(arguments) => show(app, out, arguments),
        LinkCommand::Edit(arguments) => edit(app, out, arguments),
        LinkCommand::Rename(arguments) => rename(app, out, arguments),
        LinkCommand::Remove(arguments) => {
            for name in &arguments.links {
                let link = app.link_show(&SavedLinkArgument { link: name.clone() })?;
                app.link_remove(SavedLinkArgument { link: link.id })?;
                let title = one_line(&link.title);
                out.line(&format!(
                    "{title} was removed. For a day it can be put back: allgood link restore '{title}'"
                ));
            }
            Ok(Status::Good)
        }
        LinkCommand::Restore(arguments) => {
            for name in &arguments.links {
                let link = app.link_restore(SavedLinkArgument { link: name.clone() })?;
                out.line(&format!("{} is back.", one_line(&link.title)));
            }
            Ok(Status::Good)
        }
        LinkCommand::Pin(arguments) => pin(app, out, arguments),
        LinkCommand::Open(arguments) => opening::open(app, out, arguments),
        LinkCommand::Import(arguments) => bringing::import(app, out, arguments),
        LinkCommand::Export(arguments) => bringing::export(app, out, arguments),
        LinkCommand::Check(arguments) => opening::check(app, out, arguments),
    }
}

fn add(app: &App, out: &mut Out, arguments: &LinkAdd) -> Result<Status, Failure> {
    let LinkAdd { title, address, group, tag, pin } = arguments;
    let link = app.link_add(NewLink {
        title: title.clone(),
        address: address.clone(),
        group: group.clone(),
        tags: tag.clone(),
        pinned: *pin,
    })?;
    let letters = link.keys.as_ref().map(|keys| format!(", as {keys} for short")).unwrap_or_default();
    out.line(&format!("{} was added{letters}.", one_line(&link.title)));
    Ok(Status::Good)
}

fn list(app: &App, out: &mut Out, arguments: &LinkListArguments) -> Result<Status, Failure> {
    let list = app.link_list(LinksQuery {
        words: arguments.words.join(" "),
        group: arguments.filter.group.clone(),
        tag: arguments.filter.tag.clone(),
        pinned: arguments.pinned,
        ..LinksQuery::default()
    })?;
    if arguments.json {
        out.json(&list.links)?;
        return Ok(Status::Good);
    }
    match (list.links.is_empty(), list.all) {
        (true, 0) => message(
            "There is no link. Add one: allgood link add TITLE ADDRESS, or bring in a browser's: allgood link import FILE",
        ),
        (true, all) => message(&format!("None of {} is so.", counted(all, "link", "links"))),
        (false, _) => rows(out, &list.links),
    }
    Ok(Status::Good)
}

fn rows(out: &mut Out, links: &[SavedLink]) {
    let mut shown = table(out.look, &["", "title", "group", "tags", "address", "30 days"]);
    for link in links {
        let pin = link.pin.map(|_| "pinned").unwrap_or_default();
        let title = if pin.is_empty() { one_line(&link.title) } else { format!("{} ({pin})", one_line(&link.title)) };
        shown.add_row([
            styled(DIM, link.keys.as_deref().unwrap_or_default()),
            title,
            link.group.as_deref().map(one_line).unwrap_or_default(),
            link.tags.iter().map(|tag| one_line(tag)).collect::<Vec<_>>().join(", "),
            one_line(&link.address),
            link.count.to_string(),
        ]);
    }
    lines(&shown).iter().for_each(|line| out.line(line));
}

fn show(app: &App, out: &mut Out, arguments: &LinkShow) -> Result<Status, Failure> {
    let link = app.link_show(&SavedLinkArgument { link: arguments.link.clone() })?;
    if arguments.json {
        out.json(&link)?;
        return Ok(Status::Good);
    }
    out.line(&styled(BOLD, one_line(&link.title)));
    let mut put = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            out.line(&out.look.row(&format!("  {name}"), &text));
        }
    };
    put("group", link.group.as_deref().map(one_line));
    put("tags", (!link.tags.is_empty()).then(|| one_line(&link.tags.join(", "))));
    put("pinned", link.pin.map(|place| format!("number {place}")));
    put("for short", link.keys.clone());
    put("needs", (!link.missing.is_empty()).then(|| link.missing.join(", ")));
    put(
        "opened",
        Some(match &link.opened_at {
            None => "never".to_owned(),
            Some(at) => format!("{}, {} in the last 30 days", time(at), counted(link.count, "time", "times")),
        }),
    );
    put("added", Some(time(&link.added_at)));
    out.line("");
    out.line(&format!("  {}", one_line(&link.address)));
    if let Some(refused) = &link.refused {
        out.line(&styled(FAIL, format!("  {refused}")));
    }
    Ok(Status::Good)
}

fn edit(app: &App, out: &mut Out, arguments: &LinkEdit) -> Result<Status, Failure> {
    let LinkEdit { link, address, group, tag } = arguments;
    if address.is_none() && group.is_none() && tag.is_empty() {
        let sentence = "Nothing was named that is to be changed: `allgood link edit --help` shows what can be.";
        return Err(Failure::new(Status::Input, sentence));
    }
    let link = app.link_edit(EditLink {
        link: link.clone(),
        address: address.clone(),
        group: group.clone(),
        tags: (!tag.is_empty()).then(|| tag.clone()),
        ..EditLink::default()
    })?;
    out.line(&format!("{} was changed.", one_line(&link.title)));
    Ok(Status::Good)
}

fn rename(app: &App, out: &mut Out, arguments: &LinkRename) -> Result<Status, Failure> {
    let before = app.link_show(&SavedLinkArgument { link: arguments.link.clone() })?;
    let title = Some(arguments.new_title.clone());
    let link = app.link_edit(EditLink { link: before.id, title, ..EditLink::default() })?;
    out.line(&format!("{} is called {} now.", one_line(&before.title), one_line(&link.title)));
    Ok(Status::Good)
}

fn pin(app: &App, out: &mut Out, arguments: &LinkPin) -> Result<Status, Failure> {
    let pinned = Some(!arguments.off);
    let link = app.link_edit(EditLink { link: arguments.link.clone(), pinned, ..EditLink::default() })?;
    let title = one_line(&link.title);
    out.line(&match link.pin {
        Some(place) => format!("{title} is pinned, number {place}."),
        None => format!("{title} is pinned no longer."),
    });
    Ok(Status::Good)
}
