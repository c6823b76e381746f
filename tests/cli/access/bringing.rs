//! Entries that come from elsewhere, and a table of them.

use super::session::Session;
use crate::{support::text, terminal::Person};

const SECRET: &str = "hunter22-and-more";

#[test]
fn a_table_of_a_password_manager_is_shown_and_its_secrets_go_to_the_keychain_alone() {
    let session = Session::new();
    let table = format!(
        "name,url,username,password,totp\nShop,https://shop.example,mara,{SECRET},\ndb,,app,another-secret,JBSWY3DPEHPK3PXP\n"
    );
    let file = session.home.file("passwords.csv", &table);
    let plan = session.expect(0, &["access", "import", "passwords.csv", "--plan"]);
    assert!(plan.out.contains("https://shop.example") && !plan.out.contains(SECRET), "{plan:?}");
    assert!(session.expect(4, &["access", "import", "passwords.csv"]).err.contains("--yes"));
    assert!(session.expect(0, &["access", "list", "--json"]).json().as_array().unwrap().is_empty());
    let mut person = Person::in_session(&session, "access import passwords.csv");
    person.sees("Keep 2 entries?");
    person.sees("y/N");
    person.presses("y");
    person.sees("2 entries were kept");
    person.sees("remove it");
    person.leaves(0);
    std::fs::remove_file(file).unwrap();
    assert_eq!(session.expect(0, &["access", "reveal", "Shop"]).out, format!("{SECRET}\n"));
    assert_eq!(session.expect(0, &["access", "code", "db", "--json"]).json()["period"], 30);
    let table = session.expect(0, &["access", "export"]).out;
    assert!(
        table.starts_with("name,kind,group,tags,address,") && table.contains("Shop,web,,,https://shop.example,,mara"),
        "{table}"
    );
    session.expect(0, &["access", "export", "-o", "entries.csv"]);
    session.expect(2, &["access", "export", "-o", "entries.csv"]);
    for secret in [SECRET, "another-secret", "JBSWY3DPEHPK3PXP"] {
        assert_eq!(session.files_with(secret.as_bytes()), [""; 0]);
    }
    // What was exported comes back in elsewhere; a name that is taken stays as it is.
    let again = session.expect(0, &["access", "import", "entries.csv", "--yes", "--json"]).json();
    assert!(again.as_array().unwrap().iter().all(|row| text(row, "left").contains("stays as it is")), "{again}");
}

#[test]
fn the_hosts_of_sshs_configuration_come_without_running_anything() {
    let session = Session::without_keychain();
    let ran = session.home.path("ran");
    session.home.file(".ssh/conf.d/work", "Host inner\n  User me\n");
    session.home.file(
        ".ssh/config",
        &format!("Include conf.d/*\nHost web1 web2\n  HostName 10.0.0.1\n  Port 2222\nMatch exec \"touch {}\"\n  User x\nHost *\n  User y\n", ran.display()),
    );
    session.expect(0, &["access", "import", "--ssh", "--yes"]);
    let rows = session.expect(0, &["access", "list", "--json"]).json();
    let names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| text(row, "name")).collect();
    assert_eq!(names, ["inner", "web1", "web2"]);
    assert_eq!((text(&rows[1], "kind"), text(&rows[1], "address")), ("ssh", "web1"));
    assert!(text(&rows[1], "note").contains("10.0.0.1"));
    assert!(!ran.exists());
    let missing = session.expect(2, &["access", "import", "--ssh", "nowhere"]);
    assert!(missing.err.contains("nowhere cannot be read"), "{missing:?}");
}
