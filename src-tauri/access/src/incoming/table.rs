//! A table of a password manager (CSV, RFC 4180): its columns are found by their names.

use url::Url;

use super::{Incoming, Names, NotReadable};
use crate::{EntryKind, SEED_FIELD, Secret};

/// What a column may be called, in lower case. As Bitwarden, KeePassXC, 1Password, Chrome, Firefox and Allgood call them.
const COLUMNS: &[(&str, &[&str])] = &[
    ("name", &["name", "title", "account", "item name"]),
    ("kind", &["kind", "type"]),
    ("group", &["group", "folder", "grouping", "category", "vault"]),
    ("address", &["address", "url", "login_uri", "uri", "website", "host", "hostname", "server"]),
    ("user", &["user", "username", "login", "login_username", "user name", "login name"]),
    ("password", &["password", "login_password", "pass"]),
    (SEED_FIELD, &["totp", "otpauth", "login_totp", "otp", "one-time password"]),
    ("note", &["note", "notes", "extra", "comment", "comments"]),
];

/// The entries of a table with a line of headings. Columns that are not known are left out; lines without anything are passed
/// over.
///
/// # Errors
/// When it is no table, is not UTF-8, or has neither a name nor an address column.
pub fn table(bytes: &[u8]) -> Result<Vec<Incoming>, NotReadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(bytes);
    let unreadable = |error: csv::Error| NotReadable(format!("the table cannot be read: {error}"));
    let heads = reader.headers().map_err(unreadable)?.clone();
    let place = |wanted: &str| {
        let names = COLUMNS.iter().find(|(column, _)| *column == wanted).map_or(&[][..], |(_, names)| names);
        names.iter().find_map(|name| heads.iter().position(|head| head.to_lowercase() == **name))
    };
    let places: Vec<(&str, Option<usize>)> = COLUMNS.iter().map(|(column, _)| (*column, place(column))).collect();
    let has = |wanted: &str| places.iter().any(|(column, at)| *column == wanted && at.is_some());
    if !has("name") && !has("address") {
        return Err(NotReadable(
            "the table has no column called name or url: its first line has to say what its columns are, as in \
             name,url,username,password"
                .to_owned(),
        ));
    }
    let mut names = Names::default();
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let cell = |wanted: &str| -> Option<&str> {
            let at = places.iter().find(|(column, _)| *column == wanted)?.1?;
            record.get(at).filter(|text| !text.trim().is_empty())
        };
        let address = cell("address").map(|text| text.trim().to_owned());
        let host = || Url::parse(address.as_deref()?).ok()?.host_str().map(str::to_owned);
        let Some(name) = cell("name").map(str::to_owned).or_else(host).or_else(|| address.clone()) else { continue };
        let is_page = address.as_deref().is_some_and(|text| text.starts_with("http"));
        let kind = cell("kind").and_then(|kind| EntryKind::named(kind.trim())).unwrap_or(match (is_page, &address) {
            (true, _) => EntryKind::Web,
            (false, Some(_)) => EntryKind::Ssh,
            (false, None) => EntryKind::Note,
        });
        let secrets = ["password", SEED_FIELD].into_iter();
        let secrets =
            secrets.filter_map(|field| Some((field.to_owned(), Secret::new(cell(field)?.as_bytes().to_vec()))));
        found.push(Incoming {
            name: names.take(&name),
            kind,
            group: cell("group").map(|text| text.trim().to_owned()),
            user: cell("user").map(|text| text.trim().to_owned()),
            note: cell("note").map(str::to_owned),
            secrets: secrets.collect(),
            address,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let found = table(text.as_bytes()).unwrap();
        let row = |one: Incoming| {
            let secrets: Vec<String> = one
                .secrets
                .iter()
                .map(|(field, secret)| format!("{field}={}", String::from_utf8_lossy(secret.expose())))
                .collect();
            let parts = [one.address, one.user, one.group].map(Option::unwrap_or_default).join(" ");
            format!("{} {} {parts} {}", one.name, one.kind.name(), secrets.join(" "))
        };
        found.into_iter().map(row).collect()
    }

    #[test]
    fn tables_of_known_programs_are_read_by_their_headings() {
        for (text, expected) in [
            (
                "name,url,username,password,note\nShop,https://shop.example/login,mara,hunter22,\n",
                "Shop web https://shop.example/login mara  password=hunter22",
            ),
            (
                "url,username,password,httpRealm\nhttps://a.example,mara,hunter22,\n",
                "a.example web https://a.example mara  password=hunter22",
            ),
            (
                "folder,favorite,type,name,notes,login_uri,login_username,login_password,login_totp\nWork,,login,Git,,https://git.example,mara,hunter22,JBSWY3DPEHPK3PXP\n",
                "Git web https://git.example mara Work password=hunter22 totp=JBSWY3DPEHPK3PXP",
            ),
            (
                "\u{feff}\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\"\n\"Root\",\"db, main\",\"app\",\"a\"\"b\nc\",\"\",\"\"\n",
                "db, main note  app Root password=a\"b\nc",
            ),
            (
                "name,kind,address,user,password\nweb1,ssh,web1.example.com,deploy,\n",
                "web1 ssh web1.example.com deploy  ",
            ),
        ] {
            assert_eq!(rows(text), [expected], "{text}");
        }
    }

    #[test]
    fn names_that_no_entry_can_have_are_made_ones_and_each_is_taken_once() {
        let text = "name,password\na/b,one1\na-b,two2\n,three\n\"x\ny\",four\n";
        assert_eq!(
            rows(text),
            ["a-b note    password=one1", "a-b 2 note    password=two2", "x-y note    password=four"]
        );
    }

    #[test]
    fn what_is_no_table_is_refused_with_a_sentence() {
        for text in ["", "hello\n", "a,b\n1,2\n"] {
            assert!(table(text.as_bytes()).unwrap_err().to_string().contains("name or url"), "{text:?}");
        }
        assert!(table(b"name,password\n\xff\xfe,x\n").is_err());
    }
}
