//! The shipped runbooks, read by `format` and run for real.

use std::path::Path;

use engine::event::FinishState;
use testkit::Book;

use crate::Rig;

#[test]
fn the_shipped_runbooks_pass_by_themselves_with_yes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
    let mut ran = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let runbook = format::parse(&path.to_string_lossy(), &std::fs::read(&path).unwrap());
        let mut rig = Rig::auto(Book::new().with(|book| *book = runbook)).yes().real();
        for name in ["HOME", "USER"] {
            rig = rig.env(name, &std::env::var(name).unwrap_or_else(|_| "root".to_owned()));
        }
        let run = rig.start();
        let finished = run.finished();
        let story = run.story();
        assert_eq!(
            finished,
            Some(FinishState::Passed),
            "{}\n{story:#?}\n{}",
            path.display(),
            run.journal.output_text()
        );
        ran += 1;
    }
    assert!(ran >= 3, "{ran} runbooks in {}", folder.display());
}
