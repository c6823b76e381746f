//! Images of a runbook: kept beside its file, and read from there. What an image is, its bytes say, not its name.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    place::Spot,
    replacing::{Replaced, replace},
    saving::not_written,
};
use crate::{
    ApiError, App, ErrorCode,
    wire::{ImageData, KeepImage, KeptImage, ReadImage},
};

/// What an image may have, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// Where images go when the file has none yet.
const FOLDER: &str = "images";
/// The most letters of a name.
const NAME: usize = 60;

/// A kind of image that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
    Svg,
}

impl Kind {
    /// What the bytes are.
    fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            _ => return std::str::from_utf8(bytes).ok().filter(|text| is_svg(text)).map(|_| Self::Svg),
        })
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Svg => "svg",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Svg => "image/svg+xml",
        }
    }
}

impl App {
    /// Keeps an image beside a Markdown file, where its other images are. One that is there already is used again.
    ///
    /// # Errors
    /// When it is no image that can be shown, is too large, or the folder cannot be written.
    pub fn image_keep(&self, image: KeepImage) -> Result<KeptImage, ApiError> {
        let refused = |sentence: String| ApiError::new(ErrorCode::BadInput, sentence);
        let spot = self.spot(Path::new(&image.path))?;
        let file = spot.open()?;
        let (Some(own), Some(library)) = (file.parent(), &spot.library) else {
            return Err(refused(format!("{} has no folder to keep an image in.", file.display())));
        };
        if image.data.len() / 4 * 3 > LARGEST + 3 {
            return Err(too_large());
        }
        let bytes = STANDARD
            .decode(image.data.as_bytes())
            .map_err(|_| refused("The image did not arrive whole: try again.".to_owned()))?;
        let kind = shown(&bytes)?;
        let folder = self.image_folder(&spot, own)?;
        let inside = own.join(&folder);
        fs::create_dir_all(&inside).map_err(|error| not_written(&inside.join("image"), &error))?;
        let real = fs::canonicalize(&inside).map_err(|error| not_written(&inside.join("image"), &error))?;
        if !real.starts_with(&library.path) {
            let sentence = format!(
                "{} leads out of the folder {}: no image is kept there.",
                inside.display(),
                library.path.display()
            );
            return Err(ApiError::new(ErrorCode::File, sentence));
        }
        let stem = stem(&image.name);
        let dated = format!("image-{}", jiff::Zoned::now().date());
        let name = match same(&real, kind, &bytes) {
            Some(name) => name,
            None => store_image(&real, stem.as_deref(), &dated, kind, &bytes)?,
        };
        let link = folder.join(name);
        let parts = link.components().map(|part| encoded(&part.as_os_str().to_string_lossy()));
        Ok(KeptImage { link: parts.collect::<Vec<_>>().join("/") })
    }

    /// An image of a runbook as a `data:` address.
    ///
    /// # Errors
    /// When the address is not that of an image within the library.
    pub fn image_read(&self, image: ReadImage) -> Result<ImageData, ApiError> {
        let spot = self.spot(Path::new(&image.path))?;
        let own = spot.path.parent().unwrap_or(&spot.path);
        let link = image.link.split(['?', '#']).next().unwrap_or_default();
        let refused = |what: &str| {
            let sentence = format!("The image {} is not shown: {what}.", image.link);
            ApiError::new(ErrorCode::BadInput, sentence)
        };
        let first = link.split('/').next().unwrap_or_default();
        if link.is_empty() || link.starts_with('/') || first.contains(':') {
            return Err(refused("it is no file beside the runbook"));
        }
        let link = decoded(link).ok_or_else(|| refused("its address cannot be read"))?;
        let file = fs::canonicalize(own.join(link))
            .map_err(|_| ApiError::new(ErrorCode::NotFound, format!("The image {} is not there.", image.link)))?;
        let top = spot.library.as_ref().map_or(own, |library| library.path.as_path());
        if !file.starts_with(top) {
            return Err(refused("it is not in the library"));
        }
        let found = fs::metadata(&file).map_err(|error| crate::library::unreadable(&file, &error))?;
        if !found.is_file() {
            return Err(refused("it is no file"));
        }
        if found.len() > LARGEST as u64 {
            return Err(too_large());
        }
        let bytes = fs::read(&file).map_err(|error| crate::library::unreadable(&file, &error))?;
        let kind = shown(&bytes)?;
        Ok(ImageData { url: format!("data:{};base64,{}", kind.media_type(), STANDARD.encode(bytes)) })
    }

    /// Where the other images of a file are, relative to its folder.
    fn image_folder(&self, spot: &Spot, own: &Path) -> Result<PathBuf, ApiError> {
        let draft = self.store.draft(&spot.path)?.map(|draft| draft.bytes);
        let bytes = draft.or_else(|| fs::read(&spot.path).ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let found = image_links(&text).filter_map(|link| {
            let link = PathBuf::from(decoded(link)?);
            let folder = link.parent()?.to_owned();
            let plain = folder.components().all(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
            (plain && own.join(&link).is_file()).then_some(folder)
        });
        Ok(found.into_iter().next().unwrap_or_else(|| PathBuf::from(FOLDER)))
    }
}

/// The addresses of images as they are written: `![text](address)`.
fn image_links(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("![").filter_map(|(at, _)| {
        let line = text.get(at..)?.lines().next()?;
        let (_, rest) = line.split_once("](")?;
        let end = rest.find([')', ' ', '\t'])?;
        Some(rest.get(..end)?.trim_start_matches('<').trim_end_matches('>'))
    })
}

/// What the bytes are, if they may be shown.
fn shown(bytes: &[u8]) -> Result<Kind, ApiError> {
    let refused = |sentence: &str| ApiError::new(ErrorCode::BadInput, sentence);
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    let kind =
        Kind::of(bytes).ok_or_else(|| refused("This is no PNG, JPEG, GIF, WebP or SVG image: convert it first."))?;
    if kind == Kind::Svg && active(&String::from_utf8_lossy(bytes)) {
        return Err(refused(
            "This SVG holds scripts or loads something from elsewhere: save it as plain SVG or as PNG.",
        ));
    }
    Ok(kind)
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::BadInput, "The image has more than 10 MiB: make it smaller.")
}

/// Whether a text is an SVG document.
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => rest.find("-->").map(|end| end + 3),
            _ if rest.starts_with("<?") => rest.find("?>").map(|end| end + 2),
            _ if rest.starts_with("<!") => rest.find('>').map(|end| end + 1),
            _ => {
                let name = rest.strip_prefix("<svg");
                return name.is_some_and(|after| {
                    after.starts_with(|next: char| next.is_whitespace() || next == '>' || next == '/')
                });
            }
        };
        let Some(after) = end.and_then(|end| rest.get(end..)) else { return false };
        rest = after.trim_start();
    }
}

/// Whether an SVG document could do something, or load something. Rather one too many than one too few: what an editor
/// for drawings writes as plain SVG holds none of this.
fn active(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "<script",
        "<foreignobject",
        "<iframe",
        "<embed",
        "<object",
        "<!entity",
        "javascript:",
        "<handler",
        "@import",
        "<set",
    ];
    let text = text.to_ascii_lowercase();
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let handlers = text.match_indices(" on").any(|(at, _)| {
        let name = text.get(at + 1..).unwrap_or_default();
        let end = name.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(name.len());
        end > 2 && name.get(end..).is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    let loads = text.match_indices("href").any(|(at, _)| {
        let value = text.get(at + 4..).unwrap_or_default().trim_start().trim_start_matches('=').trim_start();
        let value = value.trim_start_matches(['"', '\'']).trim_start();
        !value.starts_with('#') && !value.starts_with("data:image/png") && !value.starts_with("data:image/jpeg")
    });
    let urls = text
        .match_indices("url(")
        .any(|(at, _)| !text.get(at + 4..).unwrap_or_default().trim_start_matches([' ', '"', '\'']).starts_with('#'));
    handlers || loads || urls || WORDS.iter().any(|word| text.contains(word))
}

/// The name of a file of this kind with these bytes, if the folder has one.
fn same(folder: &Path, kind: Kind, bytes: &[u8]) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let found = entries.filter(|entry| {
        let alike = Path::new(&entry.file_name()).extension().is_some_and(|extension| extension == kind.extension());
        alike && entry.metadata().is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
    });
    let found = found.filter(|entry| fs::read(entry.path()).is_ok_and(|there| there == bytes));
    found.filter_map(|entry| entry.file_name().into_string().ok()).min()
}

/// Writes it under a name that nothing has yet.
fn store_image(folder: &Path, stem: Option<&str>, dated: &str, kind: Kind, bytes: &[u8]) -> Result<String, ApiError> {
    for number in 1_u32.. {
        let extension = kind.extension();
        let name = match (stem, number) {
            (Some(stem), 1) => format!("{stem}.{extension}"),
            (Some(stem), number) => format!("{stem}-{number}.{extension}"),
            (None, number) => format!("{dated}-{number}.{extension}"),
        };
        let file = folder.join(&name);
        if fs::symlink_metadata(&file).is_ok() {
            continue;
        }
        match replace(&file, None, bytes).map_err(|error| not_written(&file, &error))? {
            Replaced::Done => return Ok(name),
            Replaced::Changed(_) => {}
        }
    }
    Err(ApiError::new(ErrorCode::File, format!("{} has no free name for the image.", folder.display())))
}

/// A name without what a link, a shell or another system could stumble over.
fn stem(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut plain = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            plain.push(letter);
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
        if plain.len() == NAME {
            break;
        }
    }
    let plain = plain.trim_end_matches('-');
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// A part of a path as it is written in a link.
pub(crate) fn encoded(part: &str) -> String {
    let mut text = String::new();
    for letter in part.chars() {
        if letter.is_control() || " \"<>()[]{}|\\^`%?#".contains(letter) {
            let mut bytes = [0; 4];
            text.extend(letter.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            text.push(letter);
        }
    }
    text
}

/// A part of an address with its percent-encoding taken off; none where that is no text.
fn decoded(link: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(link.len());
    let mut rest = link.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_is_its_bytes_say() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some(Kind::Png)),
            (b"\xff\xd8\xff\xe0", Some(Kind::Jpeg)),
            (b"GIF89a.", Some(Kind::Gif)),
            (b"RIFF....WEBPVP8 ", Some(Kind::Webp)),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><!DOCTYPE svg><svg xmlns='x'/>", Some(Kind::Svg)),
            (b"<html><svg/></html>", None),
            (b"<svgx/>", None),
            (b"#!/bin/sh", None),
            (b"", None),
        ] {
            assert_eq!(Kind::of(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn an_svg_that_could_do_or_load_something_is_refused() {
        for inside in [
            "<script>x</script>",
            "<g onload=\"x\"/>",
            "<g\nonclick = 'x'/>",
            "<a href=\"javascript:x\"/>",
            "<image xlink:href='https://a.example/x.png'/>",
            "<foreignObject/>",
            "<style>@import 'x'</style>",
            "<rect fill='url(https://a.example/x)'/>",
            "<use href = \"//a.example/x#y\"/>",
        ] {
            assert!(active(&format!("<svg>{inside}</svg>")), "{inside}");
        }
        let plain = "<svg xmlns='http://www.w3.org/2000/svg'><use href='#a'/><g style='fill:url(#b)'/><text>on = 1</text></svg>";
        assert!(!active(&plain.replace("on = 1", "one")));
    }

    #[test]
    fn a_name_is_made_safe() {
        for (name, safe) in [
            ("Disk Usage (1).PNG", Some("disk-usage-1")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\x\\Bild ä.jpg", Some("bild")),
            ("", None),
            (".png", None),
            ("画像.png", None),
        ] {
            assert_eq!(stem(name).as_deref(), safe, "{name}");
        }
    }

    #[test]
    fn a_link_leads_back_to_its_name() {
        for name in ["a b.png", "50%.png", "a(1).png", "ä.png"] {
            assert_eq!(decoded(&encoded(name)).as_deref(), Some(name));
        }
    }
}
