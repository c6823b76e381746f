//! The arrows between the crates.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::files::root;

/// What each room may know of the others (ARCHITECTURE.md). `testkit` and `journeys` serve tests alone.
const ARROWS: &[(&str, &[&str])] = &[
    ("format", &[]),
    ("engine", &["format"]),
    ("exchange", &["format"]),
    ("store", &["engine", "format"]),
    ("access", &["engine", "format"]),
    ("measure", &["format"]),
    ("report", &["engine", "format"]),
    ("api", &["store", "access", "report", "exchange", "engine", "format"]),
    ("cli", &["api", "access", "engine"]),
    ("allgood-desktop", &["api", "access", "engine"]),
    ("testkit", &["engine", "format"]),
];

/// Libraries that one room alone may use.
const KEPT: &[(&str, &[&str])] = &[
    // The store is Allgood's own; what measures opens other people's files, and none of the store's statements is there.
    ("rusqlite", &["store", "measure", "journeys"]),
    ("postgres", &["measure"]),
    ("mysql", &["measure"]),
    ("tokio-postgres-rustls", &["measure"]),
    ("rusqlite_migration", &["store"]),
    ("tauri", &["allgood-desktop"]),
    ("tauri-plugin-dialog", &["allgood-desktop"]),
    ("gtk", &["allgood-desktop"]),
    ("zbus", &["access", "allgood-desktop"]),
    ("open", &["access"]),
    ("age", &["access"]),
    ("arboard", &["access"]),
    ("keyring-core", &["access"]),
    ("secret-service", &["access"]),
    ("totp-rs", &["access"]),
    ("zbus-secret-service-keyring-store", &["access"]),
    ("ureq", &["access", "measure"]),
    ("rustls", &["measure", "testkit"]),
    ("clap", &["cli", "journeys"]),
    ("pulldown-cmark", &["format", "journeys"]),
    ("minijinja", &["report"]),
    ("quick-junit", &["report"]),
];

fn packages() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    metadata.packages.into_iter().map(|package| (package.name.to_string(), package)).collect()
}

fn dependencies(package: &Package, kinds: &[DependencyKind]) -> BTreeSet<String> {
    package.dependencies.iter().filter(|one| kinds.contains(&one.kind)).map(|one| one.name.clone()).collect()
}

#[test]
fn the_arrows_between_the_rooms_point_one_way() {
    let packages = packages();
    let rooms: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).chain(["journeys", "fuzz"]).collect();
    let names: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(names, rooms, "every crate of the workspace stands in the table of this test");
    for (name, allowed) in ARROWS {
        let used = dependencies(&packages[*name], &[DependencyKind::Normal, DependencyKind::Build]);
        for room in used.iter().filter(|one| rooms.contains(one.as_str())) {
            assert!(allowed.contains(&room.as_str()), "`{name}` must not know `{room}` (ARCHITECTURE.md)");
        }
    }
}

#[test]
fn testkit_journeys_and_fuzz_serve_tests_alone() {
    for (name, package) in packages() {
        let used = dependencies(&package, &[DependencyKind::Normal, DependencyKind::Build]);
        for tests_only in ["testkit", "journeys", "fuzz"] {
            assert!(
                name == "journeys" || !used.contains(tests_only),
                "`{name}` ships with `{tests_only}`: make it a dev-dependency"
            );
        }
    }
}

#[test]
fn a_library_with_a_keeper_is_used_by_its_keeper_alone() {
    let all = [DependencyKind::Normal, DependencyKind::Build, DependencyKind::Development];
    for (name, package) in packages() {
        let kinds = if name == "journeys" { &all[..2] } else { &all[..] };
        let used = dependencies(&package, kinds);
        for (library, keepers) in KEPT {
            assert!(
                !used.contains(*library) || keepers.contains(&name.as_str()),
                "`{name}` uses `{library}`, which belongs to {keepers:?}"
            );
        }
    }
}

#[test]
fn a_plain_cargo_test_needs_no_webkit() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let workspace = manifest["workspace"].as_table().unwrap();
    assert_eq!(
        workspace["default-members"], workspace["members"],
        "default-members are all crates but the root package, which links WebKit"
    );
    for switch in ["autobins", "autotests", "autoexamples", "autobenches"] {
        assert_eq!(manifest["package"][switch].as_bool(), Some(false), "`{switch}` of the root package");
    }
}
