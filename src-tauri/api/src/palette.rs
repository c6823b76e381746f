//! The palette: runs under way, runbooks, steps, links, access entries and what the face itself can do, found by a few letters and
//! ranked by how well they match and by what was chosen before. What a hit does is the face's to do, through the same doors as
//! everywhere else.

mod learnt;
mod matching;
mod names;
mod things;

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use store::{AccessEntry, Choice, Link};

pub(crate) use self::names::Cache;
use self::{
    learnt::{Learnt, form},
    matching::Needle,
    things::{Thing, hit_of, kind_name, step_hit},
};
use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    links::two_letters,
    wire::{PaletteAction, PaletteChoice, PaletteHit, PaletteKind, PaletteList, PaletteQuery, RunSummary},
};

/// How many hits are given where nobody says.
const HITS: usize = 20;
/// The most hits.
const MOST_HITS: usize = 100;
/// Of what was chosen last so many are shown before anything is typed.
const RECENT: usize = 5;
/// A text with more characters is not kept.
const LONGEST: usize = 80;
/// After so long a choice is forgotten.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 180);
/// The two letters of a link mean it before anything that matches.
const LETTERS: f32 = 1.8;
/// A run under way of the words stands before whatever is called so. A runbook that has the words stands before what only begins
/// with them, and after what is called just that; a step, and a link of a runbook, after what a person named.
const NUDGES: [(PaletteKind, f32); 3] =
    [(PaletteKind::Run, 0.4), (PaletteKind::Runbook, 0.16), (PaletteKind::Step, -0.03)];
/// A link that a runbook names stands after one that the person keeps, where they match alike.
const OWN: f32 = -0.02;

/// Which kinds are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Actions,
    Access,
    Tags,
}

/// What was typed.
struct Asked<'a> {
    scope: Scope,
    /// With `#`: what a tag begins with, in small letters.
    tag: String,
    words: &'a str,
}

impl<'a> Asked<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.trim_start();
        let rest = |scope| (scope, text.get(1..).unwrap_or_default().trim());
        let (scope, words) = match text.chars().next() {
            Some('>') => rest(Scope::Actions),
            Some('@') => rest(Scope::Access),
            Some('#') => rest(Scope::Tags),
            _ => (Scope::All, text.trim()),
        };
        if scope != Scope::Tags {
            return Self { scope, tag: String::new(), words };
        }
        let (tag, words) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        Self { scope, tag: tag.to_lowercase(), words: words.trim() }
    }

    fn wants(&self, kind: PaletteKind) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Actions => kind == PaletteKind::Action,
            Scope::Access => kind == PaletteKind::Access,
            Scope::Tags => matches!(kind, PaletteKind::Runbook | PaletteKind::Link | PaletteKind::Access),
        }
    }
}

/// A hit with its rank.
struct Ranked {
    rank: f32,
    hit: PaletteHit,
}

impl App {
    /// Finds what was typed; without any text what was chosen last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn palette_search(&self, query: PaletteQuery) -> Result<PaletteList, ApiError> {
        let asked = Asked::of(&query.text);
        let limit = usize::try_from(query.limit).unwrap_or(MOST_HITS).min(MOST_HITS);
        let limit = if limit == 0 { HITS } else { limit };
        let choices = self.store.choices()?;
        let learnt = Learnt::new(&choices, &query.text, Timestamp::now());
        let names = self.palette.names(&self.store)?;
        let links: Vec<Link> = self.store.links("")?.into_iter().map(|one| one.link).collect();
        let entries = self.store.access_entries()?;
        let runs = if asked.wants(PaletteKind::Run) { self.open_runs()? } else { Vec::new() };
        let all =
            Everything { names: &names, links: &links, entries: &entries, runs: &runs, actions: &query.actions };
        if query.text.trim().is_empty() {
            return Ok(PaletteList { hits: self.recent(&all, &choices)? });
        }
        let mut found = all.ranked(&asked, &learnt, limit);
        if asked.scope == Scope::All {
            let mut needle = Needle::new(asked.words);
            let mut steps = Vec::new();
            names.each_step(&self.store, asked.words, &mut |step| {
                // What only its runbook is called is a hit of the runbook.
                let found = needle.score(&step.title, || vec![&step.runbook]).filter(|found| found.in_title);
                let Some(found) = found else { return };
                let rank = found.score + nudge(PaletteKind::Step) + learnt.of("step", &step.file, &step.title);
                steps.push((rank, step.clone()));
            })?;
            best(&mut steps, limit);
            found.extend(steps.into_iter().map(|(rank, step)| Ranked { rank, hit: step_hit(&step, &mut needle) }));
        }
        found.sort_by(order);
        Ok(PaletteList { hits: mixed(found, limit, asked.scope) })
    }

    /// Learns that a hit was chosen for what was typed. A text that holds a secret which is known by now is not kept.
    ///
    /// # Errors
    /// When the hit says no thing at all.
    pub fn palette_chosen(&self, choice: PaletteChoice) -> Result<(), ApiError> {
        if choice.id.trim().is_empty() {
            return Err(ApiError::new(ErrorCode::BadInput, "Nothing was chosen: the choice has no id."));
        }
        let text = form(&choice.text);
        let kept = if text.chars().count() > LONGEST || self.mask(&text) != text { String::new() } else { text };
        let now = Timestamp::now();
        let forget = now.checked_sub(REMEMBERED).unwrap_or(now);
        let choice = Choice {
            text: kept,
            kind: kind_name(choice.kind).to_owned(),
            target: choice.id,
            part: choice.part,
            count: 1,
            chosen_at: format!("{now:.6}"),
        };
        // What was chosen is done, whether or not it is learnt.
        if let Err(error) = self.store.chosen(&choice, &format!("{forget:.6}")) {
            tracing::warn!(%error, "a choice was not learnt");
        }
        Ok(())
    }

    /// Forgets everything that was learnt from choices.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn palette_forget(&self, _: Nothing) -> Result<(), ApiError> {
        Ok(self.store.forget_choices()?)
    }

    /// What was chosen last and is there still; where that is not enough, the runbooks that were opened last.
    fn recent(&self, all: &Everything<'_>, choices: &[Choice]) -> Result<Vec<PaletteHit>, ApiError> {
        let mut hits: Vec<PaletteHit> = Vec::new();
        let mut seen = HashSet::new();
        for choice in choices {
            if hits.len() == RECENT {
                return Ok(hits);
            }
            if seen.insert((&choice.kind, &choice.target, &choice.part))
                && let Some(hit) = all.chosen(choice)
            {
                hits.push(hit);
            }
        }
        for recent in self.store.recents(RECENT as u64)? {
            let path = recent.path.display().to_string();
            if hits.len() < RECENT
                && !hits.iter().any(|hit| hit.kind == PaletteKind::Runbook && hit.id == path)
                && let Some(name) = all.names.runbooks.iter().find(|name| *name.file == *path)
            {
                hits.push(hit_of(Thing::Runbook(name), &mut Needle::new("")));
            }
        }
        Ok(hits)
    }
}

/// Everything that can be found but steps.
struct Everything<'a> {
    names: &'a names::Names,
    links: &'a [Link],
    entries: &'a [AccessEntry],
    runs: &'a [RunSummary],
    actions: &'a [PaletteAction],
}

impl<'a> Everything<'a> {
    fn things(&self) -> impl Iterator<Item = Thing<'a>> {
        let runs = self.runs.iter().map(Thing::Run);
        let runbooks = self.names.runbooks.iter().map(Thing::Runbook);
        let links = self.links.iter().map(Thing::Link);
        let own = self.names.links.iter().map(Thing::Own);
        let entries = self.entries.iter().map(Thing::Access);
        runs.chain(runbooks).chain(links).chain(own).chain(entries).chain(self.actions.iter().map(Thing::Action))
    }

    /// The best of each kind, in no order.
    fn ranked(&self, asked: &Asked<'_>, learnt: &Learnt<'_>, limit: usize) -> Vec<Ranked> {
        let mut needle = Needle::new(asked.words);
        let letters = if asked.scope == Scope::All { two_letters(self.links) } else { HashMap::new() };
        let typed = asked.words.to_lowercase();
        let mut found: HashMap<PaletteKind, Vec<(f32, Thing<'a>)>> = HashMap::new();
        for thing in self.things().filter(|thing| asked.wants(thing.kind())) {
            if asked.scope == Scope::Tags && !thing.has_tag(&asked.tag) {
                continue;
            }
            let meant =
                matches!(thing, Thing::Link(link) if letters.get(&link.id).is_some_and(|keys| *keys == typed));
            let score = match (meant, needle.is_empty()) {
                (true, _) => LETTERS,
                (_, true) => 0.0,
                _ => match needle.score(thing.title(), || thing.beside()) {
                    // What only its runbook is called is a hit of the runbook.
                    Some(found) if found.in_title || !matches!(thing, Thing::Own(_)) => found.score,
                    _ => continue,
                },
            };
            let own = if matches!(thing, Thing::Own(_)) { OWN } else { 0.0 };
            let past = learnt.of(kind_name(thing.kind()), thing.id(), thing.part());
            let rank = score + nudge(thing.kind()) + own + past;
            found.entry(thing.kind()).or_default().push((rank, thing));
        }
        let mut ranked = Vec::new();
        for (_, mut things) in found {
            best(&mut things, limit);
            ranked.extend(things.into_iter().map(|(rank, thing)| Ranked { rank, hit: hit_of(thing, &mut needle) }));
        }
        ranked
    }

    /// What was chosen once, where it is there still.
    fn chosen(&self, choice: &Choice) -> Option<PaletteHit> {
        let mut needle = Needle::new("");
        if choice.kind == "step" {
            return self.names.step(&choice.target, &choice.part).map(|step| step_hit(step, &mut needle));
        }
        let is = |thing: &Thing<'_>| {
            kind_name(thing.kind()) == choice.kind && thing.id() == choice.target && thing.part() == choice.part
        };
        self.things().find(is).map(|thing| hit_of(thing, &mut needle))
    }
}

fn nudge(kind: PaletteKind) -> f32 {
    NUDGES.iter().find(|(of, _)| *of == kind).map(|(_, nudge)| *nudge).unwrap_or_default()
}

/// The best so many, each before those that came after it where they rank alike.
fn best<T>(things: &mut Vec<(f32, T)>, limit: usize) {
    things.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    things.truncate(limit);
}

/// The better one first; of equals one kind before the other, and within a kind as they came.
fn order(one: &Ranked, other: &Ranked) -> std::cmp::Ordering {
    other.rank.total_cmp(&one.rank).then_with(|| one.hit.kind.cmp(&other.hit.kind))
}

/// The best so many, in which no kind crowds out the others: of a kind no more than two thirds, while there are others.
fn mixed(found: Vec<Ranked>, limit: usize, scope: Scope) -> Vec<PaletteHit> {
    let most = if scope == Scope::All { (limit * 2).div_ceil(3) } else { limit };
    let mut counts: HashMap<PaletteKind, usize> = HashMap::new();
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for ranked in found {
        let count = counts.entry(ranked.hit.kind).or_default();
        *count += 1;
        if *count <= most { &mut taken } else { &mut left }.push(ranked);
    }
    taken.truncate(limit);
    let room = limit - taken.len();
    taken.extend(left.into_iter().take(room));
    taken.sort_by(order);
    taken.into_iter().map(|ranked| ranked.hit).collect()
}
