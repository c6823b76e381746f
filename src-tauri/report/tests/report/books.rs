//! Runs that happened to nobody, but could.

use std::collections::BTreeMap;

use engine::{
    Fact,
    event::{
        AttemptState::{Failed, Passed},
        FinishState, Mode,
    },
};

use crate::journal::{JONAS, Journal};

pub(crate) const FAILOVER: &str = r#"---
title: Fail over the orders database
kind: incident
severity: SEV-2
responders:
  - {role: commander, who: Mara K.}
params:
  ticket: {required: true}
  pin: {secret: true, default: "4711-0815"}
access:
  PGPASSWORD: keychain://orders-db/password
---

# Fail over the orders database

## Preconditions

- [ ] Primary down, seen by two

```sh {name=lag probe expect_number="< 5" every=1s}
lag orders-db-02
```

## Steps

### 1. Promote orders-db-02

```sh {name=promote expect=promoted confirm=yes}
promote orders-db-02
```

```sh {name=promote-back undo}
demote orders-db-02
```

### 2. Repoint the poolers

```sh {name=repoint expect_each=/orders-db-02/}
repoint --to orders-db-02
```

### 3. Tell everybody

```message {name=announce}
Orders write to orders-db-02 now ({{ticket}}).
```

### 4. Restart scheduled jobs

```sh {name=jobs}
systemctl start jobs.timer
```

## Validation

- [ ] A test order goes through

## Rollback

- [ ] Writes are paused
"#;

/// It went well in the end: a second try with another command, one step left out.
pub(crate) fn passed() -> Journal {
    Journal::started(FAILOVER, Mode::Hand, Some("production"))
        .fact(Fact::ParameterSet { name: "ticket".into(), value: Some("INC-4127".into()), from: "person".into() })
        .fact(Fact::ParameterSet { name: "pin".into(), value: None, from: "default".into() })
        .mark("incident", Some("INC-4127"))
        .ready("primary-down-seen-by-two")
        .later(12)
        .mark("detected", None)
        .mark("responder", Some("Jonas T., by phone"))
        .later(60)
        .note("db-01 answers ping but not 5432.\nJT sees the same from Lisbon.")
        .tick("primary-down-seen-by-two", None)
        .begin("lag", 1, "lag orders-db-02\n")
        .print("lag", 1, b"9.5\r\n")
        .expect("lag", 1, "number < 5", "9.5", false)
        .not_yet("lag", 1, 400)
        .later(1)
        .begin("lag", 2, "lag orders-db-02\n")
        .print("lag", 2, b"0.4\r\n")
        .expect("lag", 2, "number < 5", "0.4", true)
        .end("lag", 2, Passed, 0, 410)
        .later(20)
        .fact(Fact::Confirmed { item: Some("promote".into()), what: "yes".into() })
        .fact(Fact::Confirmed { item: None, what: "typed \"production\", the name of the environment".into() })
        .begin("promote", 1, "promote orders-db-02\n")
        .print("promote", 1, b"\x1b[32mpromoted\x1b[0m orders-db-02\r\n")
        .fact(Fact::InputSent { item: "promote".into(), attempt: 1 })
        .later(12)
        .expect("promote", 1, "\"promoted\"", "found, line 1", true)
        .end("promote", 1, Passed, 0, 12_400)
        .fact(Fact::VariablesSet {
            item: Some("promote".into()),
            values: BTreeMap::from([("PRIMARY".to_owned(), "orders-db-02".to_owned())]),
            plain: Vec::new(),
            unset: Vec::new(),
            cwd: None,
            target: None,
            in_memory: vec!["SESSION_TOKEN".into()],
        })
        .by(JONAS)
        .begin("repoint", 1, "repoint --to orders-db-02\n")
        .print("repoint", 1, b"pgbouncer-a orders-db-02\r\npgbouncer-c orders-db-01\r\n")
        .later(3)
        .expect(
            "repoint",
            1,
            "each line: /orders-db-02/",
            "1 of 2 lines; not line 2: \"pgbouncer-c orders-db-01\"",
            false,
        )
        .end("repoint", 1, Failed, 0, 3_100)
        .later(90)
        .fact(Fact::Deviation {
            item: "repoint".into(),
            reason: "pgbouncer-c needs the flag".into(),
            text: "repoint --force --to orders-db-02".into(),
        })
        .begin("repoint", 2, "repoint --force --to orders-db-02\n")
        .print("repoint", 2, b"pgbouncer-a orders-db-02\r\npgbouncer-c orders-db-02\r\n")
        .later(4)
        .expect("repoint", 2, "each line: /orders-db-02/", "2 of 2 lines", true)
        .end("repoint", 2, Passed, 0, 4_000)
        .mark("mitigated", None)
        .fact(Fact::MessageSent {
            item: "announce".into(),
            text: "Orders write to orders-db-02 now (INC-4127).".into(),
        })
        .fact(Fact::LinkOpened { url: "https://status.example/INC-4127".into(), item: Some("announce".into()) })
        .later(10)
        .skip("jobs", "none due before 06:00")
        .ready("a-test-order-goes-through")
        .later(54)
        .tick("a-test-order-goes-through", Some("order 8841207"))
        .mark("verified", None)
        .finish(FinishState::Passed)
}

/// It failed, and what had been done was undone; the rollback phase was left out of the plan.
pub(crate) fn rolled_back() -> Journal {
    Journal::started(FAILOVER, Mode::Auto, None)
        .fact(Fact::ParameterSet {
            name: "ticket".into(),
            value: Some("INC-4128".into()),
            from: "command line".into(),
        })
        .tick("primary-down-seen-by-two", Some("attested by --yes"))
        .begin("lag", 1, "lag orders-db-02\n")
        .end("lag", 1, Passed, 0, 10)
        .begin("promote", 1, "promote orders-db-02\n")
        .later(5)
        .expect("promote", 1, "exit 0", "exit 3", false)
        .end("promote", 1, Failed, 3, 5_000)
        .fact(Fact::RollbackStarted { plan: vec!["promote-back".into(), "writes-are-paused".into()] })
        .fact(Fact::PlanChosen { plan: vec!["promote-back".into()] })
        .begin("promote-back", 1, "demote orders-db-02\n")
        .print("promote-back", 1, b"demoted\r\n")
        .later(2)
        .end("promote-back", 1, Passed, 0, 2_000)
        .fact(Fact::Undone { item: "promote".into(), note: None })
        .finish(FinishState::RolledBack)
}

/// The machine stopped while a command ran.
pub(crate) fn interrupted() -> Journal {
    Journal::started(FAILOVER, Mode::Hand, None)
        .fact(Fact::ParameterSet { name: "ticket".into(), value: Some("INC-4129".into()), from: "person".into() })
        .tick("primary-down-seen-by-two", None)
        .fact(Fact::Overridden { item: "lag".into(), reason: "the probe cannot reach the standby".into() })
        .later(5)
        .begin("promote", 1, "promote orders-db-02\n")
        .print("promote", 1, b"10%\r20%\r")
        .later(600)
        .fact(Fact::Interrupted { item: Some("promote".into()) })
}
