//! Schedules and their firings: kept, claimed by one alone, followed.

use std::{collections::BTreeMap, sync::Barrier};

use engine::RunId;
use store::{Claim, ErrorKind, Firing, Outcome, Schedule, Store};

use crate::fixture::Home;

const THEN: &str = "2026-11-29T03:00:00.000Z";
const DUE: &str = "2026-11-29T04:00:00.000Z";

fn schedule(id: &str, name: &str) -> Schedule {
    Schedule {
        id: id.to_owned(),
        name: name.to_owned(),
        path: "/books/backup.md".to_owned(),
        cron: "0 4 * * *".to_owned(),
        zone: "UTC".to_owned(),
        environment: Some("prod".to_owned()),
        values: BTreeMap::from([("KEEP".to_owned(), "7".to_owned())]),
        on_failure: "stop".to_owned(),
        missed: "once".to_owned(),
        paused: false,
        revision: "abc".to_owned(),
        accepted_at: THEN.to_owned(),
        added_at: THEN.to_owned(),
        changed_at: THEN.to_owned(),
        after: THEN.to_owned(),
        driven: false,
    }
}

fn firing(due: &str, outcome: Outcome, why: Option<&str>) -> Firing {
    Firing {
        schedule: "s1".to_owned(),
        due: due.to_owned(),
        times: 1,
        at: due.to_owned(),
        by_hand: false,
        outcome,
        run: (outcome == Outcome::Begun).then(|| RunId("run-1".to_owned())),
        why: why.map(str::to_owned),
    }
}

fn settle(store: &Store, known: &str, firing: &Firing) -> bool {
    store.settle_time(Claim { known, after: &firing.due, firing }).unwrap()
}

#[test]
fn a_schedule_is_kept_as_it_was_given_and_no_two_have_one_name() {
    let home = Home::new();
    let first = schedule("s1", "Nightly");
    home.store.put_schedule(&first, true).unwrap();
    assert_eq!(home.store.schedules().unwrap(), std::slice::from_ref(&first));
    assert_eq!(home.store.schedule("NIGHTLY").unwrap(), Some(first.clone()));
    let refused = home.store.put_schedule(&schedule("s2", "nightly"), true).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    let changed = Schedule { cron: "0 5 * * *".to_owned(), after: DUE.to_owned(), ..first };
    home.store.put_schedule(&changed, false).unwrap();
    let kept = home.store.schedule("s1").unwrap().unwrap();
    assert_eq!((kept.cron.as_str(), kept.after.as_str()), ("0 5 * * *", THEN), "what is settled stays");
    home.store.remove_schedule("s1").unwrap();
    assert_eq!(home.store.schedules().unwrap(), []);
}

#[test]
fn a_time_is_claimed_by_one_alone_and_never_twice() {
    let home = Home::new();
    home.store.put_schedule(&schedule("s1", "Nightly"), true).unwrap();
    let all = Barrier::new(4);
    let claimed: usize = std::thread::scope(|scope| {
        let claim = || {
            let store = Store::open(&home.data()).unwrap();
            all.wait();
            usize::from(settle(&store, THEN, &firing(DUE, Outcome::Begun, None)))
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(claim)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(claimed, 1);
    let kept = home.store.schedule("s1").unwrap().unwrap();
    assert_eq!((kept.after.as_str(), kept.driven), (DUE, true));
    // While it is driven nothing else begins, and what is settled once is never run again.
    let next = "2026-11-30T04:00:00.000Z";
    assert!(!settle(&home.store, DUE, &firing(next, Outcome::Begun, None)));
    home.store.let_go_of_schedule("s1").unwrap();
    home.store.put_schedule(&schedule("s1", "Nightly"), true).unwrap();
    assert!(!settle(&home.store, THEN, &firing(DUE, Outcome::Begun, None)));
    assert!(!home.store.schedule("s1").unwrap().unwrap().driven);
    assert_eq!(home.store.firings("s1", 10).unwrap(), [firing(DUE, Outcome::Begun, None)]);
}

#[test]
fn what_is_missed_for_one_reason_is_told_as_one_and_once() {
    let home = Home::new();
    home.store.put_schedule(&schedule("s1", "Nightly"), true).unwrap();
    let mut known = THEN.to_owned();
    for (day, why) in [(29, "asleep"), (30, "asleep"), (31, "busy")] {
        let due = format!("2026-12-{day}T04:00:00.000Z");
        assert!(settle(&home.store, &known, &firing(&due, Outcome::Missed, Some(why))));
        known = due;
    }
    let kept: Vec<_> =
        home.store.firings("s1", 10).unwrap().into_iter().map(|one| (one.times, one.why.unwrap())).collect();
    assert_eq!(kept, [(1, "busy".to_owned()), (2, "asleep".to_owned())]);
    let waiting = home.store.firings_not_told().unwrap();
    assert_eq!(waiting.len(), 2);
    for one in waiting {
        assert!(home.store.tell_of_firing(&one.schedule, &one.due).unwrap());
        assert!(!home.store.tell_of_firing(&one.schedule, &one.due).unwrap(), "by one alone");
    }
    assert_eq!(home.store.firings_not_told().unwrap(), []);
}

#[test]
fn a_paused_schedule_is_not_claimed_and_what_could_not_begin_is_refused() {
    let home = Home::new();
    home.store.put_schedule(&Schedule { paused: true, ..schedule("s1", "Nightly") }, true).unwrap();
    assert!(!settle(&home.store, THEN, &firing(DUE, Outcome::Begun, None)));
    home.store.put_schedule(&schedule("s1", "Nightly"), true).unwrap();
    assert!(settle(&home.store, THEN, &firing(DUE, Outcome::Begun, None)));
    home.store.refuse_firing("s1", DUE, "no shell").unwrap();
    let kept = home.store.firings("s1", 1).unwrap().remove(0);
    assert_eq!((kept.outcome, kept.run, kept.why.as_deref()), (Outcome::Refused, None, Some("no shell")));
    assert!(!home.store.schedule("s1").unwrap().unwrap().driven);
    assert_eq!(home.store.last_begun("s1").unwrap(), None);
}
