//! The window may ask for Allgood's own commands, each by its own permission, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::files::{root, texts};

/// Commands that stand beside the list because they take a channel or answer with bytes.
const BESIDE_THE_LIST: [&str; 4] = ["run_watch", "output_read", "news_watch", "access_connect"];
/// Of plugins: the two dialogs that choose a folder or a file. Nothing of `core`.
const OF_PLUGINS: [&str; 2] = ["dialog:allow-open", "dialog:allow-save"];

macro_rules! names {
    ($($name:ident: $arguments:ty => $result:ty),* $(,)?) => { [$(stringify!($name)),*] };
}

fn commands() -> BTreeSet<String> {
    api::commands!(names).into_iter().chain(BESIDE_THE_LIST).map(str::to_owned).collect()
}

fn configuration() -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("tauri.conf.json")).unwrap()).unwrap()
}

/// Identifier of each permission, and the commands it allows.
fn permissions() -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for (path, text) in texts("src-tauri/permissions", &["toml"]) {
        let table: toml::Table = text.parse().unwrap();
        let keys: Vec<&str> = table.keys().map(String::as_str).collect();
        assert_eq!(keys, ["permission"], "{path}: no sets and no default, each command is granted by name");
        for permission in table["permission"].as_array().unwrap() {
            let allowed = permission["commands"]["allow"].as_array().unwrap();
            let allowed = allowed.iter().map(|one| one.as_str().unwrap().to_owned()).collect();
            let identifier = permission["identifier"].as_str().unwrap().to_owned();
            assert!(all.insert(identifier.clone(), allowed).is_none(), "{path}: {identifier} stands there twice");
        }
    }
    all
}

#[test]
fn each_command_has_its_own_permission_and_no_other_exists() {
    let permissions = permissions();
    let expected: BTreeMap<String, Vec<String>> =
        commands().into_iter().map(|name| (format!("allow-{}", name.replace('_', "-")), vec![name])).collect();
    assert_eq!(permissions, expected, "src-tauri/permissions against `api::commands!`");
}

#[test]
fn the_one_capability_grants_exactly_these_to_the_main_window() {
    let configuration = configuration();
    let capabilities = configuration["app"]["security"]["capabilities"].as_array().unwrap();
    assert_eq!(capabilities.len(), 1);
    let capability = capabilities[0].as_object().unwrap();
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    for key in ["remote", "webviews", "platforms"] {
        assert!(!capability.contains_key(key), "`{key}` would widen the capability");
    }
    let granted: BTreeSet<&str> =
        capability["permissions"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let permissions = permissions();
    let expected: BTreeSet<&str> = permissions.keys().map(String::as_str).chain(OF_PLUGINS).collect();
    assert_eq!(granted, expected);
    assert!(!root().join("capabilities").exists(), "capabilities stand in tauri.conf.json alone");
}

#[test]
fn the_content_policy_lets_in_nothing_from_outside() {
    let configuration = configuration();
    let security = &configuration["app"]["security"];
    let policy = security["csp"].as_object().unwrap();
    for (directive, sources) in [
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("connect-src", "ipc: http://ipc.localhost"),
        ("img-src", "'self' data:"),
        ("font-src", "'self'"),
        ("frame-src", "'none'"),
        ("object-src", "'none'"),
        ("worker-src", "'none'"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("frame-ancestors", "'none'"),
    ] {
        assert_eq!(policy[directive], sources, "{directive}");
    }
    // The terminal writes style elements while it runs; a nonce beside 'unsafe-inline' would turn that off.
    assert_eq!(policy["style-src"], "'self' 'unsafe-inline'");
    assert_eq!(security["dangerousDisableAssetCspModification"], serde_json::json!(["style-src"]));
    assert_eq!(policy.len(), 12, "every directive stands in this test");
    assert_eq!(configuration["app"]["withGlobalTauri"], false);
    assert!(security.get("assetProtocol").is_none(), "the page reads no files by itself");
}
