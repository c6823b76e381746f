//! Opening links, one or several at once, and asking whether they answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use access::{Answer, BookmarkRefusal, LinkRefusal, Links};
use engine::{Command, Fact, run::says_secret};
use format::LinkError;
use jiff::Span;
use store::Link;

use super::{bad, refused};
use crate::{
    ApiError, App, ErrorCode,
    error::Needs,
    library::today,
    library_file, views,
    wire::{LinkAnswer, OpenLinks, OpenRunbookLink, OpenedLink},
};

/// The most links that are opened at once.
const AT_ONCE: usize = 30;
/// For how many days openings are counted by the day.
const COUNTED: i64 = 400;

impl App {
    /// Opens links with the system's own handler: all of them, or none where one of them needs a value or may not be opened.
    /// From a run, that is recorded there.
    ///
    /// # Errors
    /// [`ErrorCode::NeedsValues`] names the parameters without a value; else when a link is none, may not be opened, or
    /// nothing could be started.
    pub fn links_open(&self, request: OpenLinks) -> Result<Vec<OpenedLink>, ApiError> {
        let OpenLinks { links, values, run, item } = request;
        if links.is_empty() || links.len() > AT_ONCE {
            return Err(bad(format!("{} links cannot be opened at once: name 1 to {AT_ONCE}.", links.len())));
        }
        let links = links.iter().map(|name| self.link(name)).collect::<Result<Vec<Link>, _>>()?;
        let filling = self.filling(&values, run.as_deref())?;
        let (mut missing, mut ready) = (BTreeSet::new(), Vec::new());
        for link in &links {
            match access::filled(&link.address, &filling.values, &filling.schemes) {
                Ok(address) => ready.push((link, address)),
                Err(BookmarkRefusal::Missing(names)) => missing.extend(names),
                Err(error) => {
                    let error = refused(error);
                    let message = format!("{} cannot be opened: {}", link.title, error.message);
                    return Err(ApiError { message, ..error });
                }
            }
        }
        if !missing.is_empty() {
            return Err(wanting(missing));
        }
        let opener = Links::new(filling.schemes, &*self.opener);
        let mut opened = Vec::new();
        let mut failed = None;
        for (link, address) in ready {
            match opener.open(&address) {
                Ok(address) => opened.push((link, address)),
                Err(error) => {
                    failed = Some(refused(error.into()));
                    break;
                }
            }
        }
        self.count(&opened, &values)?;
        let mut told = Vec::new();
        for (link, address) in opened {
            let recorded = match &run {
                Some(run) => self.record_opening(run, item.clone(), &address)?,
                None => false,
            };
            told.push(OpenedLink { title: link.title.clone(), address, recorded });
        }
        match failed {
            None => Ok(told),
            Some(error) if told.is_empty() => Err(error),
            Some(error) => {
                let message = format!("{} ({} were opened before it)", error.message, told.len());
                Err(ApiError { message, ..error })
            }
        }
    }

    /// Opens a link that a runbook names, filled with what was given, what the run knows, and what the runbook gives its variables
    /// where nobody says otherwise. From a run, that is recorded there.
    ///
    /// # Errors
    /// [`ErrorCode::NeedsValues`] names the variables without a value; else when the runbook names it no longer, it may not be
    /// opened, or nothing could be started.
    pub fn runbook_link_open(&self, request: OpenRunbookLink) -> Result<OpenedLink, ApiError> {
        let OpenRunbookLink { path, address, values, run } = request;
        let opened = self.opened(Path::new(&path))?;
        let named = views::outside_links(&opened.runbook).into_iter().find(|(written, _)| *written == address);
        let Some((_, title)) = named else {
            let sentence = format!("{path} does not name that link any more: look at it again.");
            return Err(ApiError::new(ErrorCode::NotFound, sentence));
        };
        let file = self.library_file_of(&opened.path)?;
        let mut variables = library_file::at_rest(&opened.runbook, &file);
        let filling = self.filling(&values, run.as_deref())?;
        variables.values.extend(filling.values);
        let filled = views::filled(&address, &variables).map_err(|why| match why {
            LinkError::Missing(names) => wanting(names.into_iter().collect()),
            why => bad(format!("{title} cannot be opened: {why}.")),
        })?;
        let url = access::Links::new(filling.schemes, &*self.opener).open(&filled).map_err(|why| not_opened(&why))?;
        let recorded = match &run {
            Some(run) => self.record_opening(run, None, &url)?,
            None => false,
        };
        let title = format::fill_text(&title, &variables.values);
        Ok(OpenedLink { title, address: url, recorded })
    }

    /// Asks links whether they answer, those that are named or all of them: a person's act, never done by itself.
    ///
    /// # Errors
    /// When a link is none, or the store cannot be read.
    pub fn links_check(&self, request: OpenLinks) -> Result<Vec<LinkAnswer>, ApiError> {
        let filling = self.filling(&request.values, request.run.as_deref())?;
        let links = match request.links.as_slice() {
            [] => self.store.links("")?.into_iter().map(|one| one.link).collect(),
            names => names.iter().map(|name| self.link(name)).collect::<Result<Vec<Link>, _>>()?,
        };
        let addresses: Vec<Result<String, BookmarkRefusal>> =
            links.iter().map(|link| access::filled(&link.address, &filling.values, &filling.schemes)).collect();
        let asked: Vec<String> = addresses.iter().filter_map(|address| address.clone().ok()).collect();
        let mut answers = access::ask(&asked).into_iter();
        let told = links.into_iter().zip(addresses).map(|(link, address)| {
            let answer = address.as_ref().ok().and_then(|_| answers.next()).unwrap_or(Answer::NotAsked);
            let says = match (&address, &answer) {
                (Err(error), _) => error.to_string(),
                (Ok(_), Answer::NotAsked) => "not asked: only http and https can be".to_owned(),
                (Ok(_), Answer::Nothing(why)) => why.clone(),
                (Ok(_), Answer::Status(401 | 403 | 407)) => "answers, and wants to know who asks".to_owned(),
                (Ok(_), Answer::Status(404 | 410)) => "there is no such page".to_owned(),
                (Ok(_), Answer::Status(_)) if answer.is_there() => "answers".to_owned(),
                (Ok(_), Answer::Status(_)) => "answers with a failure".to_owned(),
            };
            LinkAnswer {
                id: link.id,
                title: link.title,
                address: address.ok(),
                answers: (answer != Answer::NotAsked).then(|| answer.is_there()),
                status: match answer {
                    Answer::Status(status) => Some(status),
                    _ => None,
                },
                says,
            }
        });
        Ok(told.collect())
    }

    /// Notes in a run that an address was opened from it; whether the run has it now. One that is over, or that another
    /// process drives, has not.
    pub(crate) fn record_opening(&self, run: &str, item: Option<String>, url: &str) -> Result<bool, ApiError> {
        let row = self.row(run)?;
        if row.ended_at.is_some() {
            return Ok(false);
        }
        if let Some(live) = self.live_run(&row.start.id) {
            live.send(Command::LinkOpened { item, url: url.to_owned() })?;
            return Ok(true);
        }
        let kept = self.append_at_rest(&row.start.id, |_, _| Ok(Fact::LinkOpened { url: url.to_owned(), item }));
        if let Err(error) = &kept {
            tracing::info!(message = %error.message, "a link was opened from a run that does not record it");
        }
        Ok(kept.is_ok())
    }

    /// Counts openings, and remembers the values that were given for them; never one whose name says that it is secret.
    fn count(&self, opened: &[(&Link, String)], values: &BTreeMap<String, String>) -> Result<(), ApiError> {
        if opened.is_empty() {
            return Ok(());
        }
        let used: BTreeSet<String> = opened.iter().flat_map(|(link, _)| access::parameters(&link.address)).collect();
        let values = values.iter().filter(|(name, value)| {
            used.contains(*name) && !value.trim().is_empty() && !says_secret(name) && !format::is_run_time(name)
        });
        // One that holds a secret that is known by now is not written down either.
        let values = values.filter(|(_, value)| self.mask(value) == **value);
        let values: BTreeMap<String, String> =
            values.map(|(name, value)| (name.clone(), value.trim().to_owned())).collect();
        let ids: Vec<&str> = opened.iter().map(|(link, _)| link.id.as_str()).collect();
        let (day, at) = (today(), self.engine.clock.now());
        let forget = day.saturating_sub(Span::new().days(COUNTED));
        let kept = self.store.links_opened(&ids, &values, &day.to_string(), &at, &forget.to_string());
        // What is open stays open, whether or not it is counted.
        if let Err(error) = kept {
            tracing::warn!(%error, "the opening of links was not counted");
        }
        Ok(())
    }
}

/// Which values have to be given first.
fn wanting(names: BTreeSet<String>) -> ApiError {
    let placeholders: Vec<String> = names.into_iter().collect();
    let sentence = format!("A value is needed for {}: nothing was opened.", placeholders.join(", "));
    let needs = Needs { placeholders, ..Needs::default() };
    ApiError { needs: Some(Box::new(needs)), ..ApiError::new(ErrorCode::NeedsValues, sentence) }
}

/// An address that could not be opened.
pub(crate) fn not_opened(refusal: &LinkRefusal) -> ApiError {
    let code = match refusal {
        LinkRefusal::System(..) => ErrorCode::Internal,
        _ => ErrorCode::Scheme,
    };
    ApiError::new(code, refusal.to_string())
}
