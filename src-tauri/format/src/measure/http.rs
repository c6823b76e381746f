//! A request as the REST clients of editors write it: a line with method and address, headers, an empty line, the body.

use crate::{
    model::Values,
    variables::{fill_link, push_encoded, uses_in_address, uses_in_request as uses},
};

/// A request, its variables not filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, where the text names none.
    pub method: String,
    /// With the lines that go on with `?` or `&`.
    pub address: String,
    /// In order, as written.
    pub headers: Vec<(String, String)>,
    /// What follows the empty line, without the line end at its end.
    pub body: Option<String>,
    /// `# @no-redirect`: an answer that leads elsewhere is the answer.
    pub stays: bool,
}

/// Methods that change nothing (RFC 9110, 9.2.1).
const SAFE: &[&str] = &["GET", "HEAD", "OPTIONS"];

/// Methods that are known. Others are taken for the beginning of an address that was cut in two.
const METHODS: &[&str] = &["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that the program sets itself: two that disagree would let two servers read one request differently.
const OWN: &[&str] = &["content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer"];

impl Request {
    /// Whether its method changes nothing.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        SAFE.contains(&self.method.as_str())
    }

    /// A header's value, as written.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The request with the values of its variables. In the address a value is percent-encoded, but where it begins it; in
    /// a body of JSON, between quotes, it is escaped; in a form it is encoded; elsewhere it goes in as it is.
    ///
    /// # Errors
    /// One sentence that names the variable and never its value: it has none, or what it holds cannot stand there.
    pub fn fill(&self, values: &Values) -> Result<Self, String> {
        let address =
            fill_link(&self.address, values).map_err(|error| error.to_string().replace("link", "address"))?;
        let mut headers = Vec::new();
        for (name, written) in &self.headers {
            let value = filled(written, values);
            if value.chars().any(|letter| letter.is_control() && letter != '\t') {
                return Err(format!(
                    "the header `{name}` would hold a line end or another control character: take it out of {}",
                    named(written)
                ));
            }
            headers.push((name.clone(), value));
        }
        let body = self.body.as_ref().map(|body| self.fill_body(body, values)).transpose()?;
        if let Some((_, name)) =
            self.headers.iter().flat_map(|(_, value)| uses(value)).find(|(_, name)| !values.contains_key(*name))
        {
            return Err(format!("the request needs a value for {name}: give it one"));
        }
        Ok(Self { address, headers, body, ..self.clone() })
    }

    fn fill_body(&self, body: &str, values: &Values) -> Result<String, String> {
        let kind = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let json = kind.contains("json") || kind.is_empty() && body.trim_start().starts_with(['{', '[']);
        let form = kind.starts_with("application/x-www-form-urlencoded");
        let mut filled = String::with_capacity(body.len());
        let (mut from, mut quoted) = (0, false);
        for (range, name) in uses(body) {
            let value =
                values.get(name).ok_or_else(|| format!("the request needs a value for {name}: give it one"))?;
            let before = body.get(from..range.start).unwrap_or_default();
            filled.push_str(before);
            quoted = ends_quoted(before, quoted);
            if json && quoted {
                let escaped = serde_json::Value::from(value.as_str()).to_string();
                filled.push_str(escaped.get(1..escaped.len().saturating_sub(1)).unwrap_or_default());
            } else if json {
                if serde_json::from_str::<serde_json::Value>(value).is_err() {
                    return Err(format!(
                        "{{{{{name}}}}} stands outside quotes in a body of JSON, and its value is no JSON: put quotes around it, or give a number, true, false or null"
                    ));
                }
                filled.push_str(value);
            } else if form {
                for byte in value.bytes() {
                    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
                    push_encoded(&mut filled, byte, plain);
                }
            } else {
                filled.push_str(value);
            }
            from = range.end;
        }
        filled.push_str(body.get(from..).unwrap_or_default());
        Ok(filled)
    }
}

/// A header's value with those of its variables.
fn filled(written: &str, values: &Values) -> String {
    let (mut text, mut from) = (String::with_capacity(written.len()), 0);
    for (range, name) in uses(written) {
        text.push_str(written.get(from..range.start).unwrap_or_default());
        text.push_str(
            values.get(name).map_or_else(|| written.get(range.clone()).unwrap_or_default(), String::as_str),
        );
        from = range.end;
    }
    text.push_str(written.get(from..).unwrap_or_default());
    text
}

/// Whether a piece of JSON ends within a string, if it began in one or not.
fn ends_quoted(piece: &str, mut quoted: bool) -> bool {
    let mut escaped = false;
    for letter in piece.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

fn named(written: &str) -> String {
    let names: Vec<&str> = uses(written).map(|(_, name)| name).collect();
    if names.is_empty() { "it".to_owned() } else { format!("the value of {}", names.join(" and ")) }
}

/// Reads a request.
///
/// # Errors
/// One sentence: what cannot be read, or would not mean here what it means to a REST client.
pub fn read(text: &str) -> Result<Request, String> {
    if let Some(function) = text.split("{{").skip(1).map(str::trim_start).find(|rest| rest.starts_with('$')) {
        let name = function.split(|letter: char| letter == '}' || letter.is_whitespace()).next().unwrap_or_default();
        return Err(format!(
            "`{{{{{name}}}}}` is a function of REST clients, which is not known here: use a variable"
        ));
    }
    let mut request = Request::default();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next_if(|line| is_aside(line)) {
        let said = line.trim_start_matches(['#', '/', ' ', '\t']).trim_end();
        request.stays |= said == "@no-redirect";
    }
    let Some(first) = lines.next() else {
        return Err("it holds no request: write a line such as `GET https://shop.example/health`".to_owned());
    };
    if first.starts_with('@') {
        return Err(
            "a variable of the file (`@name = …`) is not read here: put it into `env` of the front matter".to_owned()
        );
    }
    let (method, address) = first_line(first)?;
    (request.method, request.address) = (method, address);
    while let Some(more) =
        lines.next_if(|line| line.starts_with([' ', '\t']) && line.trim_start().starts_with(['?', '&']))
    {
        request.address.push_str(more.trim());
    }
    check_address(&request.address)?;
    let mut body: Vec<&str> = Vec::new();
    let mut within = false;
    for line in lines {
        if line.starts_with("###") {
            return Err("it holds more than one request (`###`): write each into a block of its own".to_owned());
        }
        match within {
            true => body.push(line),
            false if line.trim().is_empty() => within = true,
            false if is_aside(line) => request.stays |= line.ends_with("@no-redirect"),
            false => request.headers.push(header(line)?),
        }
    }
    let body = body.join("\n");
    let body = body.trim_end_matches('\n');
    if body.starts_with("< ") || body.starts_with("<@") {
        return Err("a body from a file (`< path`) is not read here: write the body into the block".to_owned());
    }
    request.body = (!body.trim().is_empty()).then(|| body.to_owned());
    if request.body.is_some() && ["GET", "HEAD"].contains(&request.method.as_str()) {
        return Err(format!("a {} has no body: remove the body, or write `POST`", request.method));
    }
    Ok(request)
}

/// An empty line, a comment, or the line that names a request.
fn is_aside(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#') || line.starts_with("//")
}

fn first_line(line: &str) -> Result<(String, String), String> {
    let line = line.trim();
    let line =
        ["HTTP/1.0", "HTTP/1.1", "HTTP/2"].iter().find_map(|version| line.strip_suffix(version)).unwrap_or(line);
    match line.trim_end().split_once([' ', '\t']) {
        None => Ok(("GET".to_owned(), line.trim_end().to_owned())),
        Some((method, address)) => {
            let known = METHODS.iter().find(|known| known.eq_ignore_ascii_case(method));
            let method = known.ok_or_else(|| {
                format!(
                    "`{method}` is no method that is known here: write one of {}, then the address",
                    METHODS.join(", ")
                )
            })?;
            Ok(((*method).to_owned(), address.trim().to_owned()))
        }
    }
}

fn check_address(address: &str) -> Result<(), String> {
    let whole = ["http://", "https://", "{{"].iter().any(|begin| address.starts_with(begin));
    if !whole {
        return Err(format!(
            "`{address}` is no whole address: begin it with https://, http:// or a variable that holds the beginning"
        ));
    }
    let authority = address.split("://").nth(1).unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("the address holds a user or a password: write a header `Authorization: Basic {{USER}} {{PASSWORD}}` instead".to_owned());
    }
    // Within a variable a blank may stand.
    let mut bare = address.to_owned();
    let places: Vec<_> = uses_in_address(address).map(|(range, _)| range).collect();
    for range in places.into_iter().rev() {
        bare.replace_range(range, "");
    }
    if bare.chars().any(char::is_whitespace) {
        return Err(format!(
            "the address `{address}` holds a blank: write `%20` for it, or put the value into a variable"
        ));
    }
    Ok(())
}

fn header(line: &str) -> Result<(String, String), String> {
    let wrong = || format!("the line `{line}` is no header: write `Name: value`, and an empty line before the body");
    let (name, value) = line.split_once(':').ok_or_else(wrong)?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(letters) {
        return Err(wrong());
    }
    if OWN.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("the header `{name}` is set by Allgood itself: remove the line"));
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_request_is_read_as_rest_clients_write_it() {
        let text = "### health\n# a comment\n// another\n# @no-redirect\n\nget https://shop.example/a HTTP/1.1\n  ?x=1\n  &y={{ Y }}\nAccept: application/json\n# in between\nX-Id:  7\n\n";
        let request = read(text).unwrap();
        assert_eq!(request.method, "GET");
        assert_eq!(request.address, "https://shop.example/a?x=1&y={{ Y }}");
        assert_eq!(request.headers, [("Accept".into(), "application/json".into()), ("X-Id".into(), "7".into())]);
        assert_eq!(request.body, None);
        assert!(request.stays && request.is_safe());
        let bare = read("http://127.0.0.1:8080/").unwrap();
        assert_eq!((bare.method.as_str(), bare.stays), ("GET", false));
        let post = read("POST {{BASE}}/orders\nContent-Type: application/json\n\n{\n  \"a\": 1\n\n}\n").unwrap();
        assert_eq!(post.body.as_deref(), Some("{\n  \"a\": 1\n\n}"));
        assert!(!post.is_safe());
    }

    #[test]
    fn what_would_not_mean_here_what_it_means_elsewhere_is_refused_with_a_sentence() {
        for (text, words) in [
            ("", "no request"),
            ("# only a comment\n", "no request"),
            ("@host = x\nGET {{host}}", "`env`"),
            ("GET /health\nHost: x\n", "no whole address"),
            ("FETCH https://a.example/", "no method"),
            ("GET https://a.example/a b", "holds a blank"),
            ("GET https://ann:pw@a.example/", "Authorization"),
            ("GET https://a.example/\nnot a header\n", "no header"),
            ("GET https://a.example/\nContent-Length: 3\n", "set by Allgood"),
            ("GET https://a.example/\n\n{}", "has no body"),
            ("POST https://a.example/\n\n< ./body.json", "from a file"),
            ("GET https://a.example/\n\n###\nGET https://b.example/\n", "more than one request"),
            ("GET https://a.example/{{$guid}}", "function of REST clients"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_value_is_encoded_for_the_place_where_it_stands() {
        let known =
            values(&[("BASE", "http://127.0.0.1:1"), ("Q", "a b\"\\c&d"), ("N", "3"), ("BAD", "1, \"admin\": true")]);
        let fill = |text: &str| read(text).unwrap().fill(&known);
        assert_eq!(fill("GET {{BASE}}/x?q={{Q}}").unwrap().address, "http://127.0.0.1:1/x?q=a%20b%22%5Cc%26d");
        let json =
            fill("POST {{BASE}}/\nContent-Type: application/json\n\n{\"q\": \"{{Q}}\", \"n\": {{N}}}").unwrap();
        assert_eq!(json.body.as_deref(), Some(r#"{"q": "a b\"\\c&d", "n": 3}"#));
        let form =
            fill("POST {{BASE}}/\nContent-Type: application/x-www-form-urlencoded\n\nq={{Q}}&n={{N}}").unwrap();
        assert_eq!(form.body.as_deref(), Some("q=a%20b%22%5Cc%26d&n=3"));
        let text = fill("POST {{BASE}}/\nContent-Type: text/plain\n\n{{Q}}").unwrap();
        assert_eq!(text.body.as_deref(), Some("a b\"\\c&d"));
        let error = fill("POST {{BASE}}/\n\n{\"n\": {{BAD}}}").unwrap_err();
        assert!(error.contains("BAD") && !error.contains("admin"), "{error}");
        assert!(fill("GET {{BASE}}/\nX-Id: {{NONE}}").unwrap_err().contains("NONE"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_value_in_a_body_of_json_is_that_text_and_nothing_else(value in ".{0,40}") {
            let request = read("POST http://a.example/\n\n{\"a\": \"{{X}}\", \"b\": 1}").expect("a request");
            let body = request.fill(&values(&[("X", &value)])).expect("filled").body.expect("a body");
            let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            prop_assert_eq!(read, serde_json::json!({"a": value, "b": 1}));
        }

        #[test]
        fn no_value_adds_a_header(value in "(.|[\r\n]){0,40}") {
            let request = read("GET http://a.example/\nX-Id: {{X}}").expect("a request");
            match request.fill(&values(&[("X", &value)])) {
                Ok(filled) => prop_assert!(!filled.headers.iter().any(|(_, value)| value.contains(['\r', '\n']))),
                Err(_) => prop_assert!(value.chars().any(char::is_control)),
            }
        }

        #[test]
        fn any_text_is_read(text in "(.|\n){0,200}") {
            let _ = read(&text);
        }
    }
}
