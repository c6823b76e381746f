//! Tables: every cell is kept, also where a page has no heads, has them at the side, or joins cells. A table that only
//! sets the page is taken apart.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::rc::Rc;

use super::code::inline;
use super::nodes::{attribute_of, child, elements, holds, is_noise, tag};
use super::tidy;

/// A page cannot make more columns than this.
const WIDEST: usize = 64;
/// Rows that one cell goes over, at most.
const LONGEST: usize = 200;
/// Wider tables are not filled with blanks.
const PADDED: usize = 120;

/// What no cell of a Markdown table can hold.
const BLOCKS: &[&str] =
    &["pre", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ac:structured-macro"];

/// A table.
pub(super) fn table(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let node = element.node;
    if is_noise(node) {
        return Some("".into());
    }
    let mut rows = Vec::new();
    let mut in_head = Vec::new();
    rows_of(node, false, &mut rows, &mut in_head);
    let cells: Vec<Vec<Rc<Node>>> = rows.iter().map(cells_of).collect();
    let widest = cells.iter().map(Vec::len).max().unwrap_or_default();
    let sets_the_page = widest < 2 && (cells.len() < 2 || cells.iter().flatten().any(|cell| holds(cell, BLOCKS)));
    if sets_the_page {
        let parts = cells.iter().flatten().map(|cell| format!("\n\n{}\n\n", block(handlers, cell)));
        return Some(parts.collect::<String>().into());
    }
    let is_head = |cell: &Rc<Node>| tag(cell) == "th";
    let headed = cells.first().is_some_and(|row| row.iter().all(is_head)) || in_head.first() == Some(&true);
    // Heads at the side leave the first line to a row of its own.
    let at_the_side = !headed && cells.iter().any(|row| row.first().is_some_and(is_head));
    let mut grid: Vec<Vec<String>> = grid(handlers, &cells, at_the_side);
    let columns = grid.iter().map(Vec::len).max().unwrap_or_default();
    if columns == 0 {
        return Some("".into());
    }
    if at_the_side {
        grid.insert(0, Vec::new());
    }
    // What stands at the top is bold by itself.
    for cell in grid.first_mut().into_iter().flatten() {
        if let Some(bare) =
            cell.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")).filter(|bare| !bare.contains("**"))
        {
            *cell = bare.to_owned();
        }
    }
    let caption = child(node, "caption").map(|caption| tidy(&handlers.walk_children(&caption).content));
    let caption = caption.filter(|text| !text.is_empty()).map(|text| format!("**{text}**\n\n")).unwrap_or_default();
    Some(format!("\n\n{caption}{}\n\n", written(&grid, columns)).into())
}

/// The rows of a table, not those of tables in its cells, and whether each stands in its head.
fn rows_of(node: &Rc<Node>, head: bool, rows: &mut Vec<Rc<Node>>, in_head: &mut Vec<bool>) {
    for inner in elements(node) {
        match tag(&inner) {
            "tr" => {
                in_head.push(head);
                rows.push(inner);
            }
            "thead" => rows_of(&inner, true, rows, in_head),
            "tbody" | "tfoot" => rows_of(&inner, false, rows, in_head),
            _ => {}
        }
    }
}

fn cells_of(row: &Rc<Node>) -> Vec<Rc<Node>> {
    elements(row).into_iter().filter(|cell| matches!(tag(cell), "td" | "th") && !is_noise(cell)).collect()
}

/// What a cell holds, as Markdown.
fn block(handlers: &dyn Handlers, cell: &Rc<Node>) -> String {
    super::styles::joined(&tidy(&handlers.walk_children(cell).content))
}

/// The text of all cells, at its place.
fn grid(handlers: &dyn Handlers, cells: &[Vec<Rc<Node>>], at_the_side: bool) -> Vec<Vec<String>> {
    // For each column the rows that a cell from above still takes.
    let mut taken = vec![0_usize; WIDEST];
    let mut grid = Vec::new();
    for row in cells {
        let mut line: Vec<String> = Vec::new();
        for cell in row {
            skip(&mut line, &mut taken);
            let span = |name: &str, most: usize| {
                attribute_of(cell, name).and_then(|text| text.trim().parse().ok()).unwrap_or(1_usize).clamp(1, most)
            };
            let (wide, long) = (span("colspan", WIDEST), span("rowspan", LONGEST));
            let mut said = cell_text(&block(handlers, cell));
            if at_the_side && tag(cell) == "th" && !said.is_empty() {
                said = format!("**{said}**");
            }
            for part in 0..wide {
                if let Some(rows) = taken.get_mut(line.len()) {
                    *rows = long - 1;
                    line.push(if part == 0 { std::mem::take(&mut said) } else { String::new() });
                }
            }
        }
        skip(&mut line, &mut taken);
        // Cells from above that end the row stand behind what it holds.
        while line.len() < WIDEST && taken.get(line.len()..).is_some_and(|rest| rest.iter().any(|rows| *rows > 0)) {
            if !skip(&mut line, &mut taken) {
                line.push(String::new());
            }
        }
        grid.push(line);
    }
    grid
}

/// Leaves the places free that cells from above take.
fn skip(line: &mut Vec<String>, taken: &mut [usize]) -> bool {
    let before = line.len();
    while let Some(rows) = taken.get_mut(line.len()).filter(|rows| **rows > 0) {
        *rows -= 1;
        line.push(String::new());
    }
    line.len() > before
}

/// Markdown as one line: code within the line, breaks where lines ended.
fn cell_text(markdown: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let trimmed = line.trim();
        let ticks: String = trimmed.chars().take_while(|letter| *letter == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && trimmed == ticks => fence = None,
            Some(_) if !trimmed.is_empty() => lines.push(inline(line)),
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if !trimmed.is_empty() => lines.push(trimmed.trim_end_matches('\\').to_owned()),
            _ => {}
        }
    }
    lines.join("<br>").replace('|', "\\|")
}

fn written(grid: &[Vec<String>], columns: usize) -> String {
    let width = |column: usize| {
        grid.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let padded = widths.iter().sum::<usize>() <= PADDED;
    let widths: Vec<usize> = widths.into_iter().map(|width| if padded { width.max(3) } else { 0 }).collect();
    let mut text = String::new();
    for (number, row) in grid.iter().enumerate() {
        let cells = widths.iter().enumerate().map(|(column, width)| {
            let cell = row.get(column).map_or("", String::as_str);
            format!("| {cell}{} ", " ".repeat(width.saturating_sub(cell.chars().count())))
        });
        text.push_str(&cells.collect::<String>());
        text.push_str("|\n");
        if number == 0 {
            text.push_str(
                &widths.iter().map(|width| format!("| {} ", "-".repeat((*width).max(3)))).collect::<String>(),
            );
            text.push_str("|\n");
        }
    }
    text
}
