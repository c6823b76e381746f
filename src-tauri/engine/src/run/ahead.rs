//! What lies ahead of a run that has not begun: what it will ask for, and how each step is taken back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use format::{Item, ItemKind, Phase, Runbook, Section, Step};

use super::{
    exports::asked,
    values::{LOGINS_OWN, check_value, is_identifier},
};

/// What kind of answer a command asks for before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedKind {
    /// `<name>` in its text.
    Placeholder,
    /// Something that may be meant as it stands: `[NAME]`, `YOUR_X`.
    Doubt,
    /// A variable that nothing sets.
    Variable,
}

/// A value that is asked for on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first item of the path that asks for it.
    pub item: String,
    /// What kind.
    pub kind: AskedKind,
    /// Its name.
    pub name: String,
}

/// The values that a run through these items ([`super::run_items`]) asks for on its way, each once. `given` says whether a name has a value
/// from the start, `set` whether the surroundings of its commands hold a variable. A variable that an earlier item sets is not
/// asked for, though that item may be skipped.
#[must_use]
pub fn asked_ahead(
    runbook: &Runbook,
    items: &[(&Section, &Step, &Item)],
    given: &dyn Fn(&str) -> bool,
    set: &dyn Fn(&str) -> bool,
) -> Vec<Asked> {
    let mut ahead: Vec<Asked> = Vec::new();
    let mut made: BTreeSet<&str> = runbook.settings.access.iter().map(|(name, _)| name.as_str()).collect();
    made.extend(runbook.settings.env.iter().map(|(name, _)| name.as_str()));
    for (_, _, item) in items {
        let elsewhere = item.elsewhere().is_some();
        let has = |name: &str| made.contains(name) || set(name) || elsewhere && LOGINS_OWN.contains(&name);
        let variables = asked(runbook, item).into_iter().filter(|name| !has(name));
        let found = item.asked_placeholders().map(|name| (AskedKind::Placeholder, name.clone()));
        let found = found.chain(item.doubts.iter().map(|name| (AskedKind::Doubt, name.clone())));
        for (kind, name) in found.chain(variables.map(|name| (AskedKind::Variable, name))) {
            if !given(&name) && !ahead.iter().any(|one| one.kind == kind && one.name == name) {
                ahead.push(Asked { item: item.id.clone(), kind, name });
            }
        }
        made.extend(item.sets.iter().map(String::as_str));
        made.extend(item.options.capture.as_deref());
        // An upper-case name exports the output.
        made.extend(
            item.options
                .name
                .as_deref()
                .filter(|name| is_identifier(name) && !name.chars().any(|letter| letter.is_ascii_lowercase())),
        );
    }
    ahead
}

/// How a step is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its undo blocks are run.
    Undo,
    /// Its command says `undo=none`: a point of no return; a person takes it back.
    ByHand,
    /// Its undo cannot be run as it is written: a rollback stops there.
    Refused,
    /// It changes something, and the text says nothing of how that is taken back.
    Unsaid,
}

/// A step of the path that changes something, and its way back.
#[derive(Clone, Debug, PartialEq)]
pub struct WayBack<'a> {
    /// The step.
    pub step: &'a Step,
    /// How it is taken back.
    pub way: Way,
}

/// How each step of these items ([`super::run_items`]) is taken back that changes something or says how it is undone, in order. A
/// command that is known to look only changes nothing, and a step that validates is not expected to: it is listed only for what
/// it says itself.
#[must_use]
pub fn way_back<'a>(items: &[(&'a Section, &'a Step, &'a Item)]) -> Vec<WayBack<'a>> {
    let mut steps: Vec<_> = items.iter().map(|(section, step, _)| (section.phase, *step)).collect();
    steps.dedup_by(|(_, one), (_, other)| std::ptr::eq(*one, *other));
    let found = steps.into_iter().filter_map(|(phase, step)| {
        let changes =
            |item: &Item| phase.changes_something() && item.kind == ItemKind::Command && !format::only_looks(item);
        let validates = phase == Phase::Validation;
        // What cannot be run as it is written leaves it to a person, whatever else is written.
        let refused = |item: &Item| item.kind == ItemKind::Undo && item.refused.is_some();
        let way = if step.no_return {
            Way::ByHand
        } else if step.items.iter().any(refused) {
            Way::Refused
        } else if step.can_undo {
            Way::Undo
        } else if !validates && step.items.iter().any(changes) {
            Way::Unsaid
        } else {
            return None;
        };
        Some(WayBack { step, way })
    });
    found.collect()
}

/// The values that do not fit what the front matter says of their parameters, by name, each with the sentence that a start
/// would be refused with. A value that is empty is none yet.
#[must_use]
pub fn unfit(runbook: &Runbook, values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let given = runbook.settings.params.iter().filter_map(|param| {
        let value = values.get(&param.name).filter(|value| !value.is_empty())?;
        Some((param.name.clone(), check_value(param, value).err()?.to_string()))
    });
    given.collect()
}

#[cfg(test)]
mod tests {
    use super::{super::run_items, *};

    const TEXT: &str = "---\nparams: {POD: {}, ZONE: {choices: [a, b]}, PORT: {pattern: '\\d{4}'}}\nenv: {REGION: eu}\naccess: {DB_PASSWORD: keychain://db/password}\n---\n\n# A\n\n## Diagnosis\n\n```sh {name=look}\nkubectl get <namespace> $REGION $DB_PASSWORD\n```\n\n## Steps\n\n1. Make room\n\n   ```sh {name=room}\n   FREED=1 && rm -r \"$CACHE/<namespace>\"\n   ```\n\n   ```sh {undo}\n   mkdir $CACHE\n   ```\n\n2. Move\n\n   ```sh {name=move undo=none}\n   mv /a /b/YOUR_DIR $FREED $OWNER $POD $HOME\n   ```\n\n3. Start\n\n   ```sh {name=start}\n   systemctl start x\n   ```\n\n4. Look\n\n   ```sh {name=again}\n   kubectl get pods\n   ```\n\n## Validation\n\n5. Answers\n\n   ```sh {name=answers}\n   psql -c 'select 1'\n   ```\n\n## Rollback\n\n```sh\necho $NOT_ASKED\n```\n";

    #[test]
    fn what_will_be_asked_for_is_known_before_the_start_each_once_in_order() {
        let runbook = format::parse("a.md", TEXT.as_bytes());
        let params: BTreeSet<&str> = runbook.settings.params.iter().map(|param| param.name.as_str()).collect();
        for (step, expected) in [
            (
                None,
                &["look Placeholder namespace", "room Variable CACHE", "move Doubt YOUR_DIR", "move Variable OWNER"]
                    [..],
            ),
            // What an earlier step would set is not there.
            (Some("move"), &["move Doubt YOUR_DIR", "move Variable FREED", "move Variable OWNER"]),
        ] {
            let items = run_items(&runbook, step).unwrap_or_default();
            let ahead = asked_ahead(&runbook, &items, &|name| params.contains(name), &|name| name == "HOME");
            let ahead: Vec<String> =
                ahead.iter().map(|one| format!("{} {:?} {}", one.item, one.kind, one.name)).collect();
            assert_eq!(ahead, expected, "{step:?}");
        }
    }

    #[test]
    fn each_step_that_changes_something_says_its_way_back_and_one_that_looks_needs_none() {
        let runbook = format::parse("a.md", TEXT.as_bytes());
        for (step, expected) in [
            (None, &[("Make room", Way::Undo), ("Move", Way::ByHand), ("Start", Way::Unsaid)][..]),
            (Some("Move"), &[("Move", Way::ByHand)]),
            (Some("Look"), &[]),
            (Some("Answers"), &[]),
        ] {
            let items = run_items(&runbook, step).unwrap_or_default();
            let ways: Vec<(&str, Way)> =
                way_back(&items).into_iter().map(|back| (back.step.title.as_str(), back.way)).collect();
            assert_eq!(ways, expected, "{step:?}");
        }
    }

    #[test]
    fn an_undo_that_cannot_be_run_is_no_way_back_by_itself() {
        let text = TEXT.replace("{undo}", "{undo tiemout=5m}");
        let runbook = format::parse("a.md", text.as_bytes());
        let items = run_items(&runbook, Some("Make room")).unwrap_or_default();
        assert_eq!(way_back(&items).iter().map(|back| back.way).collect::<Vec<_>>(), [Way::Refused]);
    }

    #[test]
    fn a_value_that_a_start_would_refuse_is_refused_in_the_same_words_before_it() {
        let runbook = format::parse("a.md", TEXT.as_bytes());
        let values = [("ZONE", "c"), ("PORT", "80"), ("POD", "x"), ("OTHER", "y")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let unfit = unfit(&runbook, &values);
        assert_eq!(unfit.keys().collect::<Vec<_>>(), ["PORT", "ZONE"]);
        let refused = super::super::values::at_start(&runbook, &values).err().map(|refusal| refusal.to_string());
        assert_eq!(refused.as_ref(), unfit.get("ZONE"));
        let empty = [("PORT".to_owned(), String::new())].into();
        assert!(super::unfit(&runbook, &empty).is_empty());
    }
}
