//! `--param NAME=VALUE`.

/// `name=value`; the name may hold blanks, the value anything.
pub(super) fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE, for example --param 'pod name=web-1'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_split_at_its_first_equals_sign() {
        let cases = [
            ("a=b", Some(("a", "b"))),
            ("pod name=web-1", Some(("pod name", "web-1"))),
            ("query=a=b", Some(("query", "a=b"))),
            ("empty=", Some(("empty", ""))),
            ("=value", None),
            ("name", None),
        ];
        for (text, expected) in cases {
            let found = parse_parameter(text).ok();
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
