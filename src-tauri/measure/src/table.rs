//! What a database answers, and how it is shown: as a table, or a value on each line where it is wider than the terminal.

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Write as _},
    time::Duration,
};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use format::measure::{MOST_ROWS, milliseconds};

/// The most letters of a value that are shown.
const LONGEST: usize = 500;

/// A value as the server writes it; none is NULL.
pub(crate) type Cell = Option<String>;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    /// At most [`MOST_ROWS`].
    pub(crate) rows: Vec<Vec<Cell>>,
    /// There were more.
    pub(crate) more: bool,
    /// Rows that were changed, of a statement that has no answer.
    pub(crate) changed: Option<u64>,
    pub(crate) took: Duration,
}

impl Rows {
    /// Takes a row, if there is room for it; says whether there is for another.
    pub(crate) fn push(&mut self, row: Vec<Cell>) -> bool {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        } else {
            self.more = true;
        }
        !self.more
    }

    /// The first column of the first row.
    pub(crate) fn first(&self) -> Option<&Cell> {
        self.rows.first()?.first()
    }

    /// `3 rows`, `more than 1000 rows`, `2 rows changed`.
    pub(crate) fn in_words(&self) -> String {
        match self.changed {
            Some(changed) if self.columns.is_empty() => format!("{} changed", number_of_rows(changed)),
            _ if self.more => format!("more than {MOST_ROWS} rows"),
            _ => self.counted(),
        }
    }

    /// How many there are: `3 rows`.
    pub(crate) fn counted(&self) -> String {
        number_of_rows(self.rows.len() as u64)
    }

    /// Shows it. Where the output is captured the first value alone is: the table goes beside it.
    pub(crate) fn show(&self, place: &str) {
        let cut = if self.more { format!(", the first {MOST_ROWS} of them are here") } else { String::new() };
        eprintln!("{place}: {}{cut}, {}\n", self.in_words(), milliseconds(self.took));
        let _ = std::io::stderr().flush();
        let mut table = self.table();
        let lines = table.to_string();
        let width = table.set_content_arrangement(ContentArrangement::Dynamic).width();
        let widest = lines.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        let text = match width {
            _ if self.columns.is_empty() => String::new(),
            Some(width) if widest > usize::from(width) => self.listed(),
            _ => lines,
        };
        if std::io::stdout().is_terminal() {
            println!("{text}");
        } else {
            eprintln!("{text}");
            println!("{}", self.first().and_then(Option::as_deref).unwrap_or_default());
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().map(|name| plain(name)));
        for row in &self.rows {
            table.add_row(row.iter().map(shown));
        }
        table
    }

    /// Each value on a line of its own.
    fn listed(&self) -> String {
        let mut text = String::new();
        let widest = self.columns.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        for (number, row) in self.rows.iter().enumerate() {
            let _ = writeln!(text, "row {}", number + 1);
            for (name, cell) in self.columns.iter().zip(row) {
                let _ = writeln!(text, "  {:widest$}  {}", plain(name), shown(cell));
            }
        }
        text.trim_end().to_owned()
    }
}

fn number_of_rows(number: u64) -> String {
    match number {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        more => format!("{more} rows"),
    }
}

/// A value, on one line. What only reads like NULL is in quotes.
pub(crate) fn shown(cell: &Cell) -> String {
    match cell.as_deref() {
        None => "NULL".to_owned(),
        Some("NULL") => "\"NULL\"".to_owned(),
        Some(text) => plain(text),
    }
}

fn plain(text: &str) -> String {
    let mut line = String::new();
    for letter in text.chars().take(LONGEST) {
        match letter {
            letter if letter.is_control() => line.extend(letter.escape_default()),
            letter => line.push(letter),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_a_text_that_reads_like_it_and_an_empty_one_are_told_apart() {
        let cell = |text: &str| Some(text.to_owned());
        assert_eq!(shown(&None), "NULL");
        assert_eq!(shown(&cell("NULL")), "\"NULL\"");
        assert_eq!(shown(&cell("")), "");
        assert_eq!(shown(&cell("a\nb\u{1b}[31m")), "a\\nb\\u{1b}[31m");
        assert!(shown(&cell(&"x".repeat(600))).ends_with("x…"));
    }

    #[test]
    fn of_many_rows_so_many_are_taken_and_it_is_said() {
        let mut rows = Rows { columns: vec!["n".to_owned()], ..Rows::default() };
        let pushed = (0..2000).take_while(|number| rows.push(vec![Some(number.to_string())])).count();
        assert_eq!((pushed, rows.rows.len(), rows.in_words().as_str()), (1000, 1000, "more than 1000 rows"));
        let changed = Rows { changed: Some(1), ..Rows::default() };
        assert_eq!(changed.in_words(), "1 row changed");
    }

    #[test]
    fn a_table_and_a_list_hold_every_value() {
        let rows = Rows {
            columns: vec!["id".to_owned(), "größe".to_owned()],
            rows: vec![vec![Some("1".to_owned()), None]],
            ..Rows::default()
        };
        assert_eq!(rows.listed(), "row 1\n  id     1\n  größe  NULL");
        let table = rows.table().to_string();
        assert!(table.contains("größe") && table.contains("NULL"), "{table}");
    }
}
