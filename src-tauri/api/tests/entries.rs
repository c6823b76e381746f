//! What the window asks of access entries: secrets cross to the page in the answer of a reveal and of a code alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{fs, path::Path, sync::Arc};

use access::{Account, Asking, Keychain, KeychainError, MemoryKeychain};
use api::{
    App, ErrorCode, Secret,
    commands::{Nothing, PathArgument},
    wire::{
        AccessArgument, AccessDetails, AccessField, AccessQuery, AddAccess, BringAccess, BringFrom, EditAccess,
        GrantAccess, KeychainStanding, NewAccess, SetSecret, VaultPassphrase,
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

const SECRET: &str = "hunter22-and-more";

/// One keychain, held by the program and by the test.
#[derive(Clone, Default)]
struct Shared(Arc<MemoryKeychain>);

impl Keychain for Shared {
    fn get(&self, account: &Account, asking: Asking) -> Result<Option<Secret>, KeychainError> {
        self.0.get(account, asking)
    }
    fn has(&self, account: &Account) -> Result<bool, KeychainError> {
        self.0.has(account)
    }
    fn set(&self, account: &Account, secret: &Secret, label: &str) -> Result<(), KeychainError> {
        self.0.set(account, secret, label)
    }
    fn remove(&self, account: &Account) -> Result<(), KeychainError> {
        self.0.remove(account)
    }
    fn state(&self) -> Result<(), KeychainError> {
        self.0.state()
    }
    fn unlock(&self) -> Result<(), KeychainError> {
        self.0.fail(None);
        Ok(())
    }
}

struct House {
    app: Arc<App>,
    keychain: Shared,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keychain = Shared::default();
        let config = desk::config(folder.path(), "ada@tower");
        Self { app: App::open_with(config, Box::new(keychain.clone())).unwrap(), keychain, folder }
    }

    /// With the entry `db`, which has a password and a seed of codes.
    fn stocked() -> Self {
        let house = Self::new();
        let kept =
            house.app.access_new(new("db", json!([["password", SECRET], ["totp", "JBSWY3DPEHPK3PXP"]]))).unwrap();
        assert_eq!(kept.warnings, [""; 0]);
        house
    }

    fn path(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn new(name: &str, secrets: Value) -> AddAccess {
    let secrets: Vec<Value> =
        secrets.as_array().unwrap().iter().map(|pair| json!({"field": pair[0], "value": pair[1]})).collect();
    serde_json::from_value(json!({"entry": {"name": name, "kind": "database"}, "secrets": secrets})).unwrap()
}

fn field(name: &str) -> AccessField {
    AccessField { entry: "db".to_owned(), field: Some(name.to_owned()) }
}

fn entry(name: &str) -> AccessArgument {
    AccessArgument { entry: name.to_owned() }
}

fn passphrase(text: &str) -> VaultPassphrase {
    serde_json::from_value(json!({ "passphrase": text })).unwrap()
}

fn sent(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap()
}

#[test]
fn a_secret_crosses_to_the_page_in_the_answer_of_a_reveal_and_in_no_other() {
    let house = House::stocked();
    let app = &house.app;
    let set: SetSecret =
        serde_json::from_value(json!({"entry": "db", "field": "password", "value": SECRET})).unwrap();
    let edit = EditAccess { entry: "db".to_owned(), details: AccessDetails::default(), ..EditAccess::default() };
    let answers = [
        sent(&app.access_list(AccessQuery::default()).unwrap()),
        sent(&app.access_view(entry("db")).unwrap()),
        sent(&app.access_secret_set(set).unwrap()),
        sent(&app.access_edit(edit).unwrap()),
        sent(&app.access_keeper(Nothing {}).unwrap()),
        sent(&app.access_secret_forget(field("totp")).unwrap()),
    ];
    for answer in answers {
        assert!(!answer.contains(SECRET) && !answer.contains("JBSWY3DP"), "{answer}");
    }
    let revealed = app.access_secret_reveal(field("password")).unwrap();
    assert_eq!(serde_json::to_value(&revealed).unwrap(), json!({"text": SECRET, "seconds": 15}));
    assert!(!format!("{revealed:?}").contains(SECRET));
    // It is masked from then on, also in what is refused.
    assert_eq!(app.mask(&format!("it is {SECRET}")), "it is •••");
    let wrong = serde_json::from_value::<SetSecret>(json!({"entry": "db", "field": "p", "value": {"x": SECRET}}));
    assert!(!wrong.unwrap_err().to_string().contains(SECRET));
}

#[test]
fn a_code_is_shown_with_the_seconds_that_it_holds_and_its_seed_is_not() {
    let house = House::stocked();
    let shown = house.app.access_code_show(entry("db")).unwrap();
    let answer = serde_json::to_value(&shown).unwrap();
    assert_eq!(answer["code"].as_str().unwrap().len(), 6);
    assert!((1..=30).contains(&answer["seconds_left"].as_u64().unwrap()), "{answer}");
    assert_eq!(house.app.access_view(entry("db")).unwrap().entry.uses, 1);
}

#[test]
fn an_entry_whose_secret_cannot_be_kept_is_not_there_and_one_that_is_no_text_is_not_shown() {
    let house = House::new();
    house.keychain.0.fail(Some(KeychainError::Locked));
    let refused = house.app.access_new(new("db", json!([["password", SECRET]]))).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Keychain);
    assert_eq!(house.app.access_list(AccessQuery::default()).unwrap().all, 0);
    assert_eq!(house.app.access_keeper(Nothing {}).unwrap().keychain, KeychainStanding::Locked);
    assert_eq!(house.app.access_unlock(Nothing {}).unwrap().keychain, KeychainStanding::Open);
    house.app.access_new(new("db", json!([]))).unwrap();
    house.app.access_set(&field("key"), &Secret::new(vec![0, 255, 1, 2])).unwrap();
    let refused = house.app.access_secret_reveal(field("key")).unwrap_err();
    assert!(refused.message.contains("is no text"), "{refused}");
    let short = house.app.access_new(new("pin", json!([["password", "123"]]))).unwrap();
    assert!(short.warnings[0].contains("only 3 characters"), "{:?}", short.warnings);
}

#[test]
fn the_list_counts_its_kinds_groups_and_tags_whatever_is_asked_for() {
    let house = House::stocked();
    let details = AccessDetails {
        group: Some("shop".to_owned()),
        tags: Some(vec!["prod".to_owned(), "eu".to_owned()]),
        ..AccessDetails::default()
    };
    for name in ["web1", "web2"] {
        let new = NewAccess { name: name.to_owned(), kind: "ssh".to_owned(), details: details.clone() };
        house.app.access_add(new).unwrap();
    }
    let asked = AccessQuery { kind: Some("database".to_owned()), ..AccessQuery::default() };
    let list = house.app.access_list(asked).unwrap();
    assert_eq!((list.entries.len(), list.all), (1, 3));
    let counts = |values: &[api::wire::FacetValue]| -> Vec<(String, u64)> {
        values.iter().filter(|one| one.count > 0).map(|one| (one.value.clone(), one.count)).collect()
    };
    assert_eq!(counts(&list.kinds), [("ssh".to_owned(), 2), ("database".to_owned(), 1)]);
    assert_eq!(counts(&list.groups), [("shop".to_owned(), 2)]);
    assert_eq!(counts(&list.tags), [("eu".to_owned(), 2), ("prod".to_owned(), 2)]);
}

#[test]
fn what_is_kept_of_a_file_is_what_was_shown_of_it_less_what_is_not_wanted() {
    let house = House::new();
    let path = house.path("logins.csv", "name,url,username,password\nshop,https://shop.example,ada,first-secret\nbank,https://bank.example,ada,second-secret\n");
    let bring = |revision: Option<String>, leave_out: &[&str]| BringAccess {
        source: BringFrom::Table { path: path.clone() },
        revision,
        leave_out: leave_out.iter().map(|name| (*name).to_owned()).collect(),
    };
    let plan = house.app.access_bring_look(bring(None, &[])).unwrap();
    assert_eq!(plan.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["shop", "bank"]);
    assert!(!sent(&plan).contains("first-secret"));
    assert_eq!(house.app.access_list(AccessQuery::default()).unwrap().all, 0, "a look keeps nothing");
    // Somebody writes the file meanwhile.
    fs::write(&path, "name,url,username,password\nevil,https://evil.example,ada,x\n").unwrap();
    let stale = house.app.access_bring(bring(Some(plan.revision), &[])).unwrap_err();
    assert_eq!(stale.code, ErrorCode::Stale);
    assert_eq!(house.app.access_list(AccessQuery::default()).unwrap().all, 0);
    fs::write(
        &path,
        "name,url,username,password\nshop,https://shop.example,ada,first-secret\nbank,https://bank.example,ada,x\n",
    )
    .unwrap();
    let plan = house.app.access_bring_look(bring(None, &[])).unwrap();
    assert_eq!(house.app.access_bring(bring(Some(plan.revision), &["bank"])).unwrap(), 1);
    let rows = house.app.access_list(AccessQuery::default()).unwrap().entries;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["shop"]);
}

#[test]
fn entries_are_written_to_a_new_file_without_secrets() {
    let house = House::stocked();
    let path = house.folder.path().join("entries.csv");
    let file = || PathArgument { path: path.display().to_string() };
    house.app.access_write(file()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("db,database") && !text.contains(SECRET), "{text}");
    assert_eq!(house.app.access_write(file()).unwrap_err().code, ErrorCode::File);
}

#[test]
fn a_vault_that_was_closed_gives_nothing_until_its_passphrase_is_given_again() {
    let house = House::new();
    house.keychain.0.fail(Some(KeychainError::Absent("nobody offers one".to_owned())));
    let app = &house.app;
    assert_eq!(app.access_keeper(Nothing {}).unwrap().keychain, KeychainStanding::Absent);
    let short = app.access_vault_create(passphrase("short")).unwrap_err();
    assert_eq!(short.code, ErrorCode::BadInput);
    let keeper = app.access_vault_create(passphrase("correct horse")).unwrap();
    assert!(keeper.vault_open && keeper.keeper == "vault");
    app.access_new(new("db", json!([["password", SECRET]]))).unwrap();
    assert!(!app.access_vault_lock(Nothing {}).unwrap().vault_open);
    assert_eq!(app.access_secret_reveal(field("password")).unwrap_err().code, ErrorCode::VaultLocked);
    assert_eq!(app.access_vault_unlock(passphrase("not this one")).unwrap_err().code, ErrorCode::Keychain);
    assert!(app.access_vault_unlock(passphrase("correct horse")).unwrap().vault_open);
    assert!(sent(&app.access_secret_reveal(field("password")).unwrap()).contains(SECRET));
}

#[test]
fn what_a_library_may_use_is_taken_back_also_when_the_library_is_gone() {
    let house = House::stocked();
    let library = house.folder.path().join("library");
    fs::create_dir(&library).unwrap();
    let library = fs::canonicalize(library).unwrap();
    let grant = |path: &Path, allowed| GrantAccess {
        entries: vec!["db".to_owned()],
        path: path.display().to_string(),
        allowed,
    };
    let scope = house.app.access_allow(grant(&library, true)).unwrap();
    fs::remove_dir(&library).unwrap();
    assert_eq!(house.app.access_allow(grant(&library, true)).unwrap_err().code, ErrorCode::BadInput);
    assert_eq!(house.app.access_allow(grant(Path::new(&scope), false)).unwrap(), scope);
    assert_eq!(house.app.access_view(entry("db")).unwrap().grants, []);
}

#[test]
fn entries_come_in_all_with_their_secrets_or_none_does() {
    let house = House::new();
    let table = format!("name,password,totp\nfirst,{SECRET},\nsecond,{SECRET},JBSWY3DPEHPK3PXP\n");
    let incoming = house.app.access_read_table(Path::new(&house.path("good.csv", &table))).unwrap();
    house.keychain.0.fail(Some(KeychainError::Locked));
    let locked = house.app.access_import(&incoming).unwrap_err();
    assert!(locked.message.contains("nothing was imported"), "{}", locked.message);
    assert!(house.app.access_list(AccessQuery::default()).unwrap().entries.is_empty());
    house.keychain.0.fail(None);
    let bad = table.replace("JBSWY3DPEHPK3PXP", "no-seed-1890");
    let bad = house.app.access_read_table(Path::new(&house.path("bad.csv", &bad))).unwrap();
    let refused = house.app.access_import(&bad).unwrap_err();
    assert!(refused.message.contains("\"second\"; nothing was imported"), "{}", refused.message);
    assert!(house.app.access_list(AccessQuery::default()).unwrap().entries.is_empty());
    assert_eq!(house.app.access_import(&incoming).unwrap(), 2);
    let kept = house.app.access_list(AccessQuery::default()).unwrap().entries;
    assert_eq!(kept.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    assert!(house.app.access_code_show(entry("second")).is_ok());
}
