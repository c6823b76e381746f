//! `allgood link`: adding, finding, opening, bringing in.

use std::{fs, io::Write as _, net::TcpListener, os::unix::fs::PermissionsExt as _};

use crate::{
    support::{Home, text, until},
    terminal::Person,
};

/// Somebody with three links, whose browser writes down what it is given.
fn stocked() -> Home {
    let home = Home::new();
    let opener = home.file("bin/xdg-open", "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n");
    fs::set_permissions(opener, fs::Permissions::from_mode(0o755)).unwrap();
    for arguments in [
        &["link", "add", "Orders overview", "https://g.example/d/orders?region={{region}}", "--group", "Orders"][..],
        &["link", "add", "Alerts", "https://alerts.example/", "--group", "On call", "--tag", "night", "--pin"],
        &["link", "add", "Rota", "https://rota.example/", "--group", "On call", "--tag", "night"],
    ] {
        home.expect(0, arguments);
    }
    home
}

/// The program with that browser in front of every other.
fn with_browser(home: &Home, status: i32, arguments: &[&str]) -> String {
    let mut command = home.command(arguments);
    let path = std::env::var("PATH").unwrap_or_default();
    let done = command.env("PATH", format!("{}:{path}", home.path("bin").display())).output().unwrap();
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(status), "{arguments:?}: {err}");
    String::from_utf8(done.stdout).unwrap() + &err
}

fn opened(home: &Home, count: usize) -> Vec<String> {
    let read = || fs::read_to_string(home.path("opened")).unwrap_or_default();
    until("the browser has them", || read().lines().count() >= count);
    let mut lines: Vec<String> = read().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn links_are_added_found_changed_removed_and_put_back() {
    let home = stocked();
    let titles = |arguments: &[&str]| -> Vec<String> {
        let rows = home.expect(0, &[&["link", "list", "--json"], arguments].concat()).json();
        rows.as_array().unwrap().iter().map(|row| text(row, "title").to_owned()).collect()
    };
    assert_eq!(titles(&[]), ["Alerts", "Rota", "Orders overview"]);
    assert_eq!(titles(&["rota.example"]), ["Rota"]);
    assert_eq!(titles(&["--pinned"]), ["Alerts"]);
    assert_eq!(titles(&["--tag", "night"]), ["Alerts", "Rota"]);
    let table = home.expect(0, &["link", "list"]).out;
    assert!(
        table.contains("Alerts (pinned)") && table.contains("https://g.example/d/orders?region={{region}}"),
        "{table}"
    );
    home.expect(0, &["link", "edit", "Rota", "--address", "https://rota2.example/", "--group", ""]);
    home.expect(0, &["link", "rename", "Rota", "Shifts"]);
    let shown = home.expect(0, &["link", "show", "shifts", "--json"]).json();
    assert_eq!((text(&shown, "address"), shown["group"].is_null()), ("https://rota2.example/", true));
    home.expect(0, &["link", "remove", "Shifts"]);
    assert_eq!(titles(&[]), ["Alerts", "Orders overview"]);
    home.expect(0, &["link", "restore", "Shifts"]);
    assert_eq!(titles(&[]).len(), 3);
    home.expect(0, &["link", "pin", "Alerts", "--off"]);
    assert_eq!(titles(&["--pinned"]), [""; 0]);
    for (arguments, words) in [
        (&["link", "add", "x", "javascript:alert(1)"][..], "never opened"),
        (&["link", "add", "x", "ssh://web1"], "can be added in the settings"),
        (&["link", "add", "ALERTS", "https://a.example"], "already"),
        (&["link", "edit", "Alerts"], "Nothing was named"),
        (&["link", "show", "alert"], "did you mean Alerts?"),
        (&["link", "open", "--group", "nowhere"], "No link is of that group"),
    ] {
        home.refused(arguments, words);
    }
}

#[test]
fn a_link_is_opened_with_its_values_and_without_a_person_nothing_is_guessed() {
    let home = stocked();
    let said = with_browser(&home, 4, &["link", "open", "Orders overview"]);
    assert!(said.contains("--param region=") && said.contains("Nothing was opened"), "{said}");
    let address = with_browser(&home, 0, &["link", "open", "Orders overview", "--param", "region=eu 1", "--print"]);
    assert_eq!(address, "https://g.example/d/orders?region=eu%201\n");
    assert!(!home.path("opened").exists());
    with_browser(&home, 0, &["link", "open", "Orders overview", "--param", "region=eu 1"]);
    assert_eq!(opened(&home, 1), ["https://g.example/d/orders?region=eu%201"]);
    // Several are shown first.
    let said = with_browser(&home, 4, &["link", "open", "--tag", "night"]);
    assert!(said.contains("https://rota.example/") && said.contains("2 links would be opened"), "{said}");
    with_browser(&home, 0, &["link", "open", "--tag", "night", "--yes"]);
    assert_eq!(opened(&home, 3)[..2], ["https://alerts.example/", "https://g.example/d/orders?region=eu%201"]);
}

#[test]
fn in_a_terminal_a_missing_value_is_asked_for_with_the_one_that_was_used_last() {
    let home = stocked();
    with_browser(&home, 0, &["link", "open", "Orders overview", "--param", "region=eu-1"]);
    let bin = home.path("bin").display().to_string();
    let mut person = Person::types(&home, &format!("--version; export PATH='{bin}':\"$PATH\"; allgood link open oo"));
    person.sees("region");
    person.sees("eu-1");
    person.sees("Esc opens nothing");
    person.presses("\r");
    person.sees("was opened");
    person.leaves(0);
    assert_eq!(opened(&home, 2).len(), 2);
}

#[test]
fn all_links_of_a_runbook_are_opened_after_showing_them() {
    let home = stocked();
    home.file("b.md", "---\nparams: {region: eu-1}\n---\n# B\n\nSee <https://a.example/{{region}}> and <https://b.example/> and [bad](javascript:alert(1)).\n\n## Steps\n\n- [ ] Look\n");
    let said = with_browser(&home, 4, &["link", "open", "--runbook", "b.md"]);
    assert!(said.contains("https://a.example/eu-1") && said.contains("2 links would be opened"), "{said}");
    with_browser(&home, 0, &["link", "open", "--runbook", "b.md", "--param", "region=us-2", "--yes"]);
    assert_eq!(opened(&home, 2), ["https://a.example/us-2", "https://b.example/"]);
}

#[test]
fn a_browsers_file_is_shown_and_taken_in_by_a_person_and_goes_out_again() {
    let home = stocked();
    home.file(
        "marks.html",
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p><DT><H3>Team</H3><DL><p><DT><A HREF=\"https://new.example/\">New \
         &amp; good</A><DT><A HREF=\"jav&#x09;ascript:alert(1)\">\u{202e}Bad\u{1b}]0;x\u{7}</A></DL></DL>",
    );
    let plan = home.expect(0, &["link", "import", "marks.html", "--plan"]);
    assert!(plan.out.contains("New & good") && plan.out.contains("left out"), "{plan:?}");
    assert!(!plan.out.contains('\u{202e}') && !plan.out.contains('\u{1b}'), "{plan:?}");
    assert!(home.expect(4, &["link", "import", "marks.html"]).err.contains("--yes"));
    let mut person = Person::types(&home, "link import marks.html");
    person.sees("Keep 1 link?");
    person.sees("y/N");
    person.presses("y");
    person.sees("1 link was kept");
    person.leaves(0);
    let html = home.expect(0, &["link", "export"]).out;
    assert!(html.contains("<DT><H3>Team</H3>") && html.contains("New &amp; good</A>"), "{html}");
    home.expect(0, &["link", "export", "-o", "all.csv"]);
    assert!(home.expect(2, &["link", "export", "-o", "all.csv"]).err.contains("Nothing is overwritten"));
    let table = fs::read_to_string(home.path("all.csv")).unwrap();
    assert!(
        table.starts_with("title,address,group,tags,pinned\r\nAlerts,https://alerts.example/,On call,night,yes\r\n"),
        "{table}"
    );
    home.refused(&["link", "import", "nowhere.html"], "cannot be read");
}

#[test]
fn links_are_asked_whether_they_answer_only_when_somebody_wants_to_know() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    home.expect(0, &["link", "add", "There", &address]);
    home.expect(0, &["link", "list"]);
    home.expect(0, &["link", "show", "There"]);
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has asked it yet");
    listener.set_nonblocking(false).unwrap();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    });
    let answers = home.expect(0, &["link", "check", "--json"]).json();
    serving.join().unwrap();
    assert_eq!((answers[0]["answers"].as_bool(), answers[0]["status"].as_u64()), (Some(true), Some(200)));
    // Its server is gone by now.
    let gone = home.expect(1, &["link", "check"]);
    assert!(gone.out.contains("There"), "{gone:?}");
}

#[test]
fn a_link_that_is_opened_from_a_run_is_in_its_record() {
    let home = stocked();
    home.file("b.md", "---\nparams: {region: eu-1}\n---\n# B\n\n## Steps\n\n- [ ] Look\n");
    // Nobody ticks the check, so the run waits.
    home.expect(4, &["run", "b.md", "--auto"]);
    let run = home.id();
    let said = with_browser(&home, 0, &["link", "open", "Orders overview", "--run", &run]);
    assert!(said.contains("region=eu-1"), "{said}");
    let journal = home.journal(&run);
    assert_eq!(journal.iter().filter(|line| line.contains("link_opened")).count(), 1, "{journal:?}");
    home.expect(0, &["verify", &run]);
}
