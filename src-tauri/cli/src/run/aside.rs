//! What a person does beside the item in hand: looks at the whole, goes to another item, opens a link, changes or copies
//! a message, hands the run over.

use api::{
    commands::LinkArgument,
    wire::{HandOverRun, ItemStatus, ItemView, Phase, RunAction, RunView, UsualItem},
};
use base64::Engine as _;

use super::{broken, checklist::Checklist, page::Page, plan, prompt, teller::label, ways_out};
use crate::{
    look::{BOLD, DIM, Look, counted, cut, local_clock, one_line, span, styled, visible, width, word},
    status::Failure,
};

/// The longest text that terminals take by OSC 52, in bytes.
const COPIED: usize = 74_000;

impl Checklist<'_> {
    /// Shows the whole run, item by item; of a long one what stands around the item in hand.
    pub(crate) fn overview(&mut self, view: &RunView) {
        let look = self.out.look;
        let mut lines = if view.rollback.at.is_some() {
            plan::lines(look, &view.rollback, &plan::LeftOut::new())
        } else {
            let rows = crossterm::terminal::size().map_or(24, |(_, rows)| usize::from(rows));
            let (lines, hand) = overview(look, &self.page, view);
            around(look, lines, hand, rows.saturating_sub(6).max(8))
        };
        if let Some(left) = self.time_left(view) {
            lines.push(styled(DIM, format!("  {left}")));
        }
        lines.push(String::new());
        self.say(&lines);
        self.again();
    }

    /// How long what is left usually takes: `about 4 min left, going by 9 past runs`.
    fn time_left(&self, view: &RunView) -> Option<String> {
        let left = view.left?;
        let more = if left.unknown == 0 {
            String::new()
        } else {
            format!(", and {} never timed", counted(left.unknown, "item that was", "items that were"))
        };
        Some(format!("about {} left, going by {}{more}", span(left.ms), counted(left.runs, "past run", "past runs")))
    }

    /// Goes to another item of the path, or follows a branch.
    pub(crate) fn go_to(&mut self, from: &str, view: &RunView) {
        let branches = ways_out::branches(&self.page, from);
        let mut shown: Vec<String> = branches
            .iter()
            .map(|(title, _)| format!("branch to \"{title}\": what lies between is left out"))
            .collect();
        let look = self.out.look;
        let room = look.width.saturating_sub(4);
        let mut items = Vec::new();
        let mut start = 0;
        for item in path(&self.page) {
            let status = Self::status(view, &item.id);
            let title = self.page.step_of(&item.id).map(|step| one_line(&step.title)).unwrap_or_default();
            let named = if title == label(&item.id, &self.page) {
                String::new()
            } else {
                format!("{}{title}", look.or(" · ", " - "))
            };
            let line = format!("{} {}{named}", look.item(status).0, label(&item.id, &self.page));
            if item.id == from {
                start = branches.len() + items.len();
            }
            shown.push(cut(look, &line, room));
            items.push(item.id.clone());
        }
        let start = if branches.is_empty() { start } else { 0 };
        let chosen = self.answer(|| prompt::choose_from("Go where?", &shown, start));
        match chosen {
            Some(chosen) if chosen < branches.len() => {
                let (_, to) = branches.into_iter().nth(chosen).unwrap_or_default();
                self.focus = None;
                self.act(RunAction::Follow { to });
            }
            Some(chosen) => {
                let item = items.into_iter().nth(chosen - branches.len());
                self.focus = item.filter(|item| view.hand.as_ref() != Some(item));
                self.again();
            }
            None => self.again(),
        }
    }

    /// Opens one of the runbook's links, by its number.
    pub(crate) fn open_link(&mut self, item: &str, number: usize) {
        let Some(url) = self.page.links().nth(number).map(|link| link.url.clone()) else {
            let count = self.page.links().count();
            self.say(&[format!("    There is no link {}: this runbook has {count}.", number + 1)]);
            return self.again();
        };
        let link = LinkArgument { run: Some(self.live.id().to_owned()), item: Some(item.to_owned()), url };
        if let Err(error) = self.app.link_open(link) {
            let lines = self.out.look.wrapped(&visible(&error.message), 4);
            self.say(&lines);
        }
        self.again();
    }

    /// Shows the runbook's links with their numbers, and opens the one that is chosen.
    pub(crate) fn choose_link(&mut self, item: &str) {
        let room = self.out.look.width.saturating_sub(4);
        let look = self.out.look;
        let shown: Vec<String> = self
            .page
            .links()
            .enumerate()
            .map(|(at, link)| {
                let text = one_line(&link.text);
                let named = if text.is_empty() || text == link.url { String::new() } else { format!("{text}  ") };
                cut(look, &format!("{}  {named}{}", at + 1, one_line(&link.url)), room)
            })
            .collect();
        if shown.is_empty() {
            self.say(&["    This runbook has no links.".to_owned()]);
            return self.again();
        }
        match self.answer(|| prompt::choose("Open which link?", &shown)) {
            Some(chosen) => self.open_link(item, chosen),
            None => self.again(),
        }
    }

    /// The text of a message as it would be sent: as the person left it, else filled in by the run.
    pub(crate) fn message(&self, item: &ItemView) -> String {
        if let Some((_, text)) = self.message.as_ref().filter(|(id, _)| *id == item.id) {
            return text.clone();
        }
        self.live.view().messages.remove(&item.id).unwrap_or_else(|| item.text.clone())
    }

    /// Changes a message in the person's editor before it is sent.
    pub(crate) fn edit_message(&mut self, item: &ItemView) -> Result<(), Failure> {
        let before = self.message(item);
        let edited = self.in_editor(&before, ".txt")?;
        match edited {
            None => return Ok(()),
            Some(Ok(text)) if text.trim().is_empty() => {
                self.say(&["    Nothing was left of it: the message is as it was.".to_owned()]);
            }
            Some(Ok(text)) => self.message = Some((item.id.clone(), text.trim_end().to_owned())),
            Some(Err(sentence)) => self.say(&[format!("    {sentence}")]),
        }
        self.again();
        Ok(())
    }

    /// Hands a text to the clipboard of the person's terminal (OSC 52), which works over ssh as well.
    pub(crate) fn copy(&mut self, text: &str) {
        if text.len() > COPIED {
            self.say(&["    It is too long for a terminal's clipboard.".to_owned()]);
            return self.again();
        }
        self.out.flush();
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        self.out.raw(format!("\x1b]52;c;{encoded}\x07").as_bytes());
        let said =
            "Handed to the terminal's clipboard. Where nothing arrives, the terminal does not allow it (OSC 52).";
        let lines = self.out.look.wrapped(said, 4);
        self.say(&lines);
        self.again();
    }

    /// Writes the run as one file for somebody else; it is over here then.
    pub(crate) fn hand_over(&mut self) -> Result<(), Failure> {
        let Some(to) = self.answer(|| prompt::reason("Hand over to whom?")) else {
            self.again();
            return Ok(());
        };
        let title = self.page.runbook.title.to_lowercase();
        let words: Vec<&str> =
            title.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let name = if words.is_empty() { "run".to_owned() } else { words.join("-") };
        let help = "what is carried along: its text, journal and output; no secrets. Esc goes back";
        let Some(file) = self.answer(|| prompt::text("Into which file?", help, &format!("{name}.allgood-run")))
        else {
            self.again();
            return Ok(());
        };
        let path = std::path::absolute(file.trim()).map_err(|error| broken("The file cannot be named", &error))?;
        // What there is to be said was noted by its own key.
        let request = HandOverRun {
            run: self.live.id().to_owned(),
            path: path.display().to_string(),
            to: Some(to.clone()),
            note: None,
        };
        match self.app.run_hand_over(request) {
            Ok(_) => {
                let file = one_line(&path.display().to_string());
                self.say(&[format!("    there: allgood take {file}, then allgood resume {}", self.live.id())]);
            }
            Err(error) => {
                let lines = self.out.look.wrapped(&visible(&error.message), 4);
                self.say(&lines);
                self.again();
            }
        }
        Ok(())
    }
}

/// `usually 11 s`; nothing of what is over in a moment.
pub(crate) fn usual_time(known: &UsualItem) -> Option<String> {
    known.median_ms.filter(|median| *median >= 1000).map(|median| format!("usually {}", span(median)))
}

/// The items of the path, in order.
fn path(page: &Page) -> impl Iterator<Item = &ItemView> {
    let sections =
        page.runbook.sections.iter().filter(|one| !matches!(one.phase, Phase::Reference | Phase::Rollback));
    let items = sections.flat_map(|section| &section.steps).flat_map(|step| &step.items);
    items.filter_map(|id| page.item(id)).filter(|item| item.on_path)
}

/// A run in lines, and the line of the item in hand.
fn overview(look: Look, page: &Page, view: &RunView) -> (Vec<String>, usize) {
    let usual = view.usual.as_ref().or(page.runbook.usual.as_ref());
    let mut lines = Vec::new();
    let mut hand = 0;
    let mut phase = None;
    for section in &page.runbook.sections {
        for step in &section.steps {
            let items: Vec<&ItemView> =
                step.items.iter().filter_map(|id| page.item(id)).filter(|item| item.on_path).collect();
            if items.is_empty() {
                continue;
            }
            if phase != Some(section.phase) {
                phase = Some(section.phase);
                lines.push(look.rule(&word(section.phase).to_uppercase()));
            }
            let number = step.number.as_ref().map(|number| format!("{}. ", one_line(number))).unwrap_or_default();
            let no_return = if step.no_return { "no way back from here" } else { "" };
            let room = look.width.saturating_sub(width(no_return) + 6);
            let title = cut(look, &format!("{number}{}", one_line(&step.title)), room);
            lines.push(look.row(&styled(BOLD, format!("  {title}")), no_return));
            for item in items {
                let found = view.progress.iter().find(|progress| progress.item == item.id);
                let status = found.map_or(ItemStatus::Pending, |progress| progress.status);
                let (shape, style) = look.item(status);
                let median = usual.and_then(|usual| usual.items.get(&item.id)).and_then(usual_time);
                let in_hand = view.hand.as_deref() == Some(item.id.as_str());
                let answer = match (status, found, median) {
                    (ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting, _, median) => {
                        let now = in_hand.then(|| "now".to_owned());
                        now.into_iter().chain(median).collect::<Vec<_>>().join(", ")
                    }
                    (_, Some(progress), _) => format!("{} {}", word(status), local_clock(&progress.at)),
                    (_, None, _) => word(status),
                };
                let room = look.width.saturating_sub(width(&answer) + 12).max(16);
                let label = cut(look, &label(&item.id, page), room);
                let label = if in_hand { styled(BOLD, label) } else { label };
                if in_hand {
                    hand = lines.len();
                }
                lines.push(look.row(&format!("    {} {label}", styled(style, shape)), &answer));
            }
        }
    }
    (lines, hand)
}

/// So many lines around one of them, and how many there are beside.
fn around(look: Look, lines: Vec<String>, at: usize, room: usize) -> Vec<String> {
    if lines.len() <= room {
        return lines;
    }
    let start = at.saturating_sub(room / 3).min(lines.len() - room);
    let (before, after) = (start, lines.len() - room - start);
    let mark = look.or("…", "...");
    let beside = |count: usize, what: &str| {
        (count > 0).then(|| styled(DIM, format!("  {mark} {} {what}", counted(count as u64, "line", "lines"))))
    };
    let shown = lines.into_iter().skip(start).take(room);
    beside(before, "before").into_iter().chain(shown).chain(beside(after, "after: g lists them")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_run_what_stands_around_the_item_in_hand_is_shown() {
        let look = Look { unicode: true, width: 80 };
        let lines: Vec<String> = (0..30).map(|line| line.to_string()).collect();
        assert_eq!(around(look, lines.clone(), 3, 40), lines);
        for at in 0..30 {
            let shown = around(look, lines.clone(), at, 9);
            assert!(shown.contains(&at.to_string()), "{at}: {shown:?}");
            let told: usize = shown
                .iter()
                .filter(|line| line.contains('…'))
                .map(|line| anstream::adapter::strip_str(line).to_string())
                .map(|line| line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap())
                .sum();
            assert_eq!(told + 9, 30, "{at}: {shown:?}");
        }
    }
}
