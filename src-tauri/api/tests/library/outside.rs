//! Addresses from outside (ACCESS.md, "Getting in from outside"): which runbook they show, and what they fill in.

use api::{
    ErrorCode,
    commands::Nothing,
    wire::{News, OutsideAddress, OutsideView},
};

use crate::house::House;

const BOOK: &str = "---\ntitle: Fail over the database\nparams:\n  REGION: {choices: [eu-1, us-1]}\n  TOKEN: {secret: true}\n  NOTE: {required: false}\n---\n\n# Fail over the database\n\n## Steps\n\n```sh\ntouch ran\n```\n";

fn look(house: &House, address: &str) -> OutsideView {
    house.app.outside_look(OutsideAddress { address: address.to_owned() }).unwrap()
}

#[test]
fn an_address_fills_in_what_the_runbook_declares_says_what_it_leaves_out_and_runs_nothing() {
    let house = House::new();
    let file = house.write("db/failover.md", BOOK);
    house.add();
    let view = look(
        &house,
        "allgood://open/db/failover.md?REGION=eu-1&alert=DiskFull&TOKEN=hunter2&NOTE=%1b%5b31m&PATH=%2ftmp",
    );
    let [found] = view.runbooks.as_slice() else { panic!("{view:?}") };
    assert_eq!((found.path.as_str(), found.relative.as_str()), (file.to_str().unwrap(), "db/failover.md"));
    assert_eq!(found.values, [("REGION".to_owned(), "eu-1".to_owned())].into());
    let left: Vec<(&str, &str)> = found.left_out.iter().map(|one| (&*one.name, &*one.why)).collect();
    assert_eq!(
        left,
        [
            ("alert", "the runbook has no such parameter"),
            ("TOKEN", "it is a secret, which no address may carry"),
            ("NOTE", "it holds a character that cannot be seen"),
            ("PATH", "the runbook has no such parameter"),
        ]
    );
    assert!(!house.library.join("db/ran").exists() && !house.library.join("ran").exists());
    assert_eq!(house.app.app_state(Nothing {}).unwrap().runs, 0);
    for name in ["failover", "failover.md", "fail%20over%20the%20DATABASE"] {
        assert_eq!(look(&house, &format!("allgood://open/{name}")).runbooks[0].path, found.path, "{name}");
    }
}

#[test]
fn an_address_that_leads_out_of_the_library_or_nowhere_is_refused_with_a_sentence() {
    let house = House::new();
    house.write("a.md", "# A\n\n## Steps\n\n- [ ] x\n");
    house.add();
    std::fs::write(house.folder.path().join("secret.md"), "# Secret\n\n## Steps\n\n- [ ] x\n").unwrap();
    std::os::unix::fs::symlink(house.folder.path().join("secret.md"), house.library.join("link.md")).unwrap();
    for (address, code) in [
        ("allgood://open/../secret.md", ErrorCode::BadInput),
        ("allgood://open/%2e%2e/secret.md", ErrorCode::BadInput),
        ("allgood://open/secret.md", ErrorCode::NotFound),
        ("allgood://open/link.md", ErrorCode::NotFound),
        ("allgood://run/a.md", ErrorCode::BadInput),
    ] {
        let refused = house.app.outside_look(OutsideAddress { address: address.to_owned() }).unwrap_err();
        assert_eq!(refused.code, code, "{address}: {}", refused.message);
    }
}

#[test]
fn what_arrived_is_told_to_the_page_and_shown_once_the_newest_first() {
    let house = House::new();
    house.write("a.md", "# A\n\n## Steps\n\n- [ ] x\n");
    house.write("b.md", "# B\n\n## Steps\n\n- [ ] x\n");
    house.add();
    house.app.outside_arrived("allgood://open/a");
    let listening = house.listen();
    house.app.outside_arrived("allgood://open/b");
    while !matches!(listening.next(), News::Outside) {}
    let view = house.app.outside_next(Nothing {}).unwrap().unwrap();
    assert_eq!(view.runbooks[0].relative, "b.md");
    assert_eq!(house.app.outside_next(Nothing {}).unwrap(), None);
}
