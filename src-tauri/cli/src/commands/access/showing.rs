//! Access entries in lines; never a secret.

use api::wire::{AccessRow, AccessView};

use crate::{
    commands::{lines, table as plain_table},
    look::{BOLD, DIM, FAIL, NEED, PLAIN, one_line, styled, time},
    out::Out,
};

/// Days before its end from which an entry is marked.
const SOON: i64 = 14;

/// A table of entries.
pub(super) fn table(out: &mut Out, rows: &[AccessRow]) {
    let mut table =
        plain_table(out.look, &["name", "kind", "address", "group", "tags", "secrets", "used", "expires"]);
    for row in rows {
        table.add_row([
            one_line(&row.name),
            row.kind.clone(),
            place(row),
            row.group.as_deref().map(one_line).unwrap_or_default(),
            row.tags.iter().map(|tag| one_line(tag)).collect::<Vec<_>>().join(", "),
            row.secrets.iter().map(|secret| one_line(&secret.name)).collect::<Vec<_>>().join(", "),
            row.used_at.as_deref().map(|at| time(at).chars().take(10).collect()).unwrap_or_default(),
            expires(row),
        ]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
}

/// All of an entry.
pub(super) fn whole(out: &mut Out, view: &AccessView) {
    let entry = &view.entry;
    out.line(&styled(BOLD, one_line(&entry.name)));
    let look = out.look;
    let mut rows = vec![("kind", entry.kind.clone())];
    let mut put = |name: &'static str, text: Option<String>| rows.extend(text.map(|text| (name, text)));
    put("address", entry.address.as_deref().map(one_line));
    put("port", entry.port.map(|port| port.to_string()));
    put("user", entry.user.as_deref().map(one_line));
    put("command", entry.command.as_deref().map(one_line));
    put("group", entry.group.as_deref().map(one_line));
    put("tags", (!entry.tags.is_empty()).then(|| one_line(&entry.tags.join(", "))));
    put("expires", entry.expires.is_some().then(|| expires(entry)));
    put("added", Some(time(&view.added_at)));
    put(
        "used",
        Some(
            entry
                .used_at
                .as_deref()
                .map_or_else(|| "never".to_owned(), |at| format!("{}, {} times", time(at), entry.uses)),
        ),
    );
    for (name, text) in rows {
        out.line(&look.row(&format!("  {name}"), &text));
    }
    if let Some(note) = &entry.note {
        out.line("");
        note.lines().flat_map(|line| look.wrapped(&one_line(line), 2)).for_each(|line| out.line(&line));
    }
    out.line("");
    out.line(&look.rule("SECRETS"));
    if entry.secrets.is_empty() {
        out.line("  None.");
    }
    for secret in &entry.secrets {
        let says = format!("in the {}, set {}", secret.place, time(&secret.set_at));
        out.line(&look.row(&format!("  {}", one_line(&secret.name)), &says));
    }
    out.line("");
    out.line(&look.rule("USED BY"));
    if view.used_by.is_empty() {
        out.line("  No runbook of the library refers to it.");
    }
    for used in &view.used_by {
        let environment = used.environment.as_ref().map(|name| format!(" in {}", one_line(name))).unwrap_or_default();
        out.line(
            &look.row(&format!("  {}", one_line(&used.title)), &format!("{}{environment}", one_line(&used.written))),
        );
        out.line(&styled(DIM, format!("    {}", one_line(&used.path))));
    }
    if !view.grants.is_empty() {
        out.line("");
        out.line(&look.rule("MAY USE IT IN RUNS"));
        for grant in &view.grants {
            out.line(
                &look.row(&format!("  {}", one_line(&grant.scope)), &format!("since {}", time(&grant.granted_at))),
            );
        }
    }
}

/// Where it is, as one would write it.
fn place(row: &AccessRow) -> String {
    let address = row.address.as_deref().map(one_line).unwrap_or_default();
    let user = row.user.as_deref().map(|user| format!("{}@", one_line(user))).unwrap_or_default();
    let port = row.port.map(|port| format!(":{port}")).unwrap_or_default();
    if address.is_empty() { user.trim_end_matches('@').to_owned() } else { format!("{user}{address}{port}") }
}

fn expires(row: &AccessRow) -> String {
    let Some(day) = &row.expires else { return String::new() };
    match row.expires_days {
        Some(left) if left < 0 => styled(FAIL, format!("{day}, past")),
        Some(left) if left <= SOON => styled(NEED, format!("{day}, in {left} days")),
        _ => styled(PLAIN, day),
    }
}
