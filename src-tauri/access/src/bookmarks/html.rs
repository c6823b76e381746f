//! The browsers' file of bookmarks (Netscape HTML). Read token by token, so that no nesting is too deep.

use std::cell::RefCell;

use html5ever::{
    Attribute,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};

use super::{Bookmark, DEEPEST, LinksNotReadable, MOST_LINKS, WITHIN, taken, too_many};

/// The most bytes of a title, a folder or an address that are looked at.
const LONGEST: usize = 64 * 1024;

/// Reads the bookmarks of a browser's file; folders become groups.
///
/// # Errors
/// When it holds more than [`MOST_LINKS`].
pub(super) fn read_html(bytes: &[u8]) -> Result<Vec<Bookmark>, LinksNotReadable> {
    let text = String::from_utf8_lossy(bytes);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&text));
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    // Nothing of it asks for a script to be run, so it comes to the end.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut found = tokenizer.sink.found.into_inner();
    found.link_ends();
    if found.links.len() > MOST_LINKS { Err(too_many()) } else { Ok(found.links) }
}

/// Writes links as browsers read them.
#[must_use]
pub fn write_html(links: &[Bookmark]) -> String {
    let mut text = String::from(
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n\
         <TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n<DL><p>\n",
    );
    let mut links: Vec<&Bookmark> = links.iter().collect();
    links.sort_by(|one, other| folders(one).cmp(&folders(other)));
    let mut open: Vec<&str> = Vec::new();
    for link in links {
        let wanted = folders(link);
        let same = open.iter().zip(&wanted).take_while(|(one, other)| one == other).count();
        while open.len() > same {
            open.pop();
            text.push_str(&format!("{}</DL><p>\n", indent(open.len())));
        }
        for folder in wanted.get(same..).unwrap_or_default() {
            let blank = indent(open.len());
            text.push_str(&format!("{blank}<DT><H3>{}</H3>\n{blank}<DL><p>\n", escaped(folder)));
            open.push(folder);
        }
        let tags = link.tags.join(",");
        let tags = if tags.is_empty() { tags } else { format!(" TAGS=\"{}\"", escaped(&tags)) };
        let (blank, address, title) = (indent(open.len()), escaped(&link.address), escaped(&link.title));
        text.push_str(&format!("{blank}<DT><A HREF=\"{address}\"{tags}>{title}</A>\n"));
    }
    while open.pop().is_some() {
        text.push_str(&format!("{}</DL><p>\n", indent(open.len())));
    }
    text.push_str("</DL><p>\n");
    text
}

fn folders(link: &Bookmark) -> Vec<&str> {
    link.group.as_deref().map(|group| group.split(WITHIN).collect()).unwrap_or_default()
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth + 1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[derive(Default)]
struct Reader {
    found: RefCell<Found>,
}

/// What was read so far.
#[derive(Default)]
struct Found {
    links: Vec<Bookmark>,
    /// The folders that are open, at most so many as are told apart; those of no name hold nothing.
    folders: Vec<String>,
    /// How many are open beyond those.
    deeper: usize,
    /// The name of the folder that opens next.
    next: String,
    text: Option<Text>,
}

/// A text that is being read.
enum Text {
    /// The name of a folder; whether it is the browser's own bar, which is none.
    Folder(String, bool),
    /// The title of a link, its address and its tags.
    Link(String, String, String),
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Ok(mut found) = self.found.try_borrow_mut() else { return TokenSinkResult::Continue };
        match token {
            Token::CharacterTokens(text) => found.says(&text),
            Token::TagToken(tag) => return found.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Found {
    fn says(&mut self, text: &str) {
        let (Some(Text::Folder(said, _)) | Some(Text::Link(said, _, _))) = &mut self.text else { return };
        if said.len() < LONGEST {
            said.push_str(text);
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let starts = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "h3" if starts => {
                self.link_ends();
                let is_bar = value(&tag.attrs, "personal_toolbar_folder").is_some_and(|value| value == "true");
                self.text = Some(Text::Folder(String::new(), is_bar));
            }
            "h3" => {
                if let Some(Text::Folder(name, is_bar)) = self.text.take() {
                    self.next = if is_bar { String::new() } else { name };
                }
            }
            "dl" if starts => {
                self.link_ends();
                let name = std::mem::take(&mut self.next);
                if self.folders.len() < DEEPEST + 1 { self.folders.push(name) } else { self.deeper += 1 }
            }
            "dl" => {
                self.link_ends();
                match self.deeper.checked_sub(1) {
                    Some(deeper) => self.deeper = deeper,
                    None => drop(self.folders.pop()),
                }
            }
            "a" if starts => {
                self.link_ends();
                let of = |name: &str| value(&tag.attrs, name).unwrap_or_default().to_owned();
                self.text = Some(Text::Link(String::new(), of("href"), of("tags")));
            }
            "a" | "dt" | "dd" => self.link_ends(),
            // What stands in these is no markup.
            "script" if starts => return TokenSinkResult::RawData(ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" if starts => {
                return TokenSinkResult::RawData(Rawtext);
            }
            "title" | "textarea" if starts => return TokenSinkResult::RawData(Rcdata),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn link_ends(&mut self) {
        let Some(Text::Link(title, address, tags)) = self.text.take() else { return };
        if self.links.len() > MOST_LINKS || address.len() > LONGEST {
            return;
        }
        let group = self.folders.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let group = group.collect::<Vec<_>>().join(WITHIN);
        let tags: Vec<&str> = tags.split(',').collect();
        self.links.extend(taken(&title, &address, Some(group), &tags, false));
    }
}

fn value<'tag>(attributes: &'tag [Attribute], name: &str) -> Option<&'tag str> {
    attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}
