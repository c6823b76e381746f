//! `allgood find`: anything by a few letters.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::support::{Home, text, until};

const BOOK: &str = "# Fail over the orders database\n\n## Steps\n\n### Promote the standby\n\n- [ ] Look\n";

fn stocked() -> Home {
    let home = Home::new();
    home.file("team/failover.md", BOOK);
    home.expect(0, &["library", "add", "team"]);
    home.expect(0, &["link", "add", "Orders overview", "https://g.example/d/orders"]);
    home.expect(0, &["link", "add", "Board", "https://g.example/d?region={{region}}"]);
    home.expect(0, &["access", "add", "orders-db", "--kind", "database", "--address", "db.example"]);
    home
}

#[test]
fn anything_is_found_by_a_few_letters_and_what_is_chosen_comes_first_from_then_on() {
    let home = stocked();
    let opener = home.file("bin/xdg-open", "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n");
    fs::set_permissions(opener, fs::Permissions::from_mode(0o755)).unwrap();
    let titles = |arguments: &[&str]| -> Vec<String> {
        let hits = home.expect(0, &[&["find", "--json"], arguments].concat()).json();
        let plain = |title: &str| title.replace(['\u{2}', '\u{3}'], "");
        hits.as_array().unwrap().iter().map(|hit| plain(text(hit, "title"))).collect()
    };
    assert_eq!(titles(&["orders", "over"])[0], "Orders overview");
    assert_eq!(titles(&["ord"]), ["Fail over the orders database", "orders-db", "Orders overview"], "runbooks first");
    assert_eq!(titles(&["promote"]), ["Promote the standby"]);
    assert_eq!(titles(&["@db"]), ["orders-db"]);
    assert_eq!(titles(&["ord", "--limit", "1"]).len(), 1);
    let table = home.expect(0, &["find", "ord"]).out;
    assert!(table.contains("link") && table.contains("Orders overview") && table.contains("failover.md"), "{table}");

    // Chosen, it is what comes first.
    assert!(home.expect(0, &["find", "--go", "fail", "over"]).out.contains("Promote the standby"));
    assert!(home.expect(0, &["find", "--go", "promote"]).out.contains("Promote the standby, line 5 of "));
    assert!(home.expect(0, &["find", "--go", "@orders-db"]).out.contains("db.example"));
    let mut command = home.command(&["find", "--go", "orders", "overview"]);
    let path = std::env::var("PATH").unwrap_or_default();
    let done = command.env("PATH", format!("{}:{path}", home.path("bin").display())).output().unwrap();
    assert!(String::from_utf8_lossy(&done.stdout).contains("Orders overview was opened"), "{done:?}");
    until("the browser has it", || home.path("opened").exists());
    assert_eq!(titles(&[]), ["Orders overview", "orders-db", "Promote the standby", "Fail over the orders database"]);
    assert_eq!(titles(&["ord"])[0], "Orders overview", "it was chosen for what goes on from these letters");
    home.expect(0, &["find", "--forget"]);
    assert_eq!(titles(&[]), [""; 0]);
}

#[test]
fn what_is_called_by_nothing_offers_a_new_runbook_and_a_missing_value_opens_nothing() {
    let home = stocked();
    let none = home.expect(0, &["find", "zzqx"]);
    assert!(
        none.err.contains("Nothing is called \"zzqx\"") && none.err.contains("allgood new --title zzqx"),
        "{}",
        none.err
    );
    home.expect(2, &["find", "--go", "zzqx"]);
    assert!(home.expect(0, &["find"]).err.contains("Nothing was chosen yet"));
    assert!(home.expect(0, &["find", ">new"]).err.contains("Actions are those of the window"));
    assert!(home.expect(4, &["find", "--go", "board"]).err.contains("A value is needed for region"));
    assert_eq!(home.expect(0, &["find", "--json"]).json(), serde_json::json!([]), "what was not done is not learnt");
    home.expect(2, &["find", "x", "--limit", "0"]);
}
