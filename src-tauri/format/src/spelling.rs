//! Names that are most likely meant to be another one.

/// The name of ours that a key is most likely meant to be: within two edits of it (FORMAT.md, "a guard never fails
/// open"). Of names of four letters or fewer fewer edits are forgiven, or `env` would be taken for `on`.
pub(crate) fn misspelt<'a>(key: &str, ours: &[&'a str]) -> Option<&'a str> {
    if key.len() > 40 || ours.contains(&key) {
        return None;
    }
    let plain = key.to_lowercase().replace(['-', '_'], "");
    ours.iter()
        .filter_map(|name| {
            let length = name.len();
            let allowed = match *name {
                // Neither guards anything, and half of all short words are near to them.
                "id" | "to" | "tag" | "ca" => 0,
                // They mean something in blocks that measure alone.
                "write" | "range" | "step" => 0,
                // Where they mean something `fleet` looks for them.
                "at_once" | "batch" | "max_fail" => 0,
                "name" => 1,
                _ if length <= 3 => 1,
                _ => 2,
            };
            let edits = edits(&plain, &name.to_lowercase().replace('_', "")).min(edits(key, name));
            (edits <= allowed).then_some((edits, *name))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
pub(crate) fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, column) + usize::from(letter != other))
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            let swapped =
                row > 0 && column > 0 && from.get(row - 1) == Some(other) && to.get(column - 1) == Some(letter);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}
