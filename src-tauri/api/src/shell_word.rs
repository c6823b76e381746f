//! Words as a person could type them into a shell.

/// A word as one word of a shell: as it is where nothing in it means anything there, else in single quotes.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./=:@%+,".contains(&byte));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
