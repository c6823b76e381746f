//! A display of the test's own, and pictures of what stands on it.
//!
//! The pictures come out of the display's frame buffer, so that they show what a person sees; WebDriver's own
//! screenshot never answers while WebKit paints in software.

use std::{
    fs,
    io::{BufRead, BufReader, BufWriter},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Width and height of the screen, in pixels.
pub(crate) const SCREEN: (u32, u32) = (1440, 900);

/// An X server without hardware. Ends when dropped.
pub(crate) struct Display {
    server: Child,
    /// For `DISPLAY`.
    pub(crate) name: String,
    frame: PathBuf,
}

impl Display {
    /// Starts one on the first free display; its frame buffer is a file in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{}x{}x24", SCREEN.0, SCREEN.1))
            .arg("-fbdir")
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (`.ci/setup test` installs it)");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb found no free display");
        Self { server, name: format!(":{}", number.trim()), frame: folder.join("Xvfb_screen0") }
    }

    /// Writes what stands on the screen's upper left, that wide and high, as a PNG.
    pub(crate) fn picture(&self, width: u32, height: u32, file: &Path) {
        let dump = fs::read(&self.frame).unwrap();
        let pixels = Dump { bytes: &dump }.upper_left(width as usize, height as usize);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut encoder = png::Encoder::new(BufWriter::new(fs::File::create(file).unwrap()), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// A window dump (`X11/XWDFile.h`, version 7): a header of big-endian words, the colours, the pixels.
struct Dump<'a> {
    bytes: &'a [u8],
}

impl Dump<'_> {
    fn word(&self, index: usize) -> usize {
        let bytes = self.bytes[index * 4..index * 4 + 4].try_into().unwrap();
        u32::from_be_bytes(bytes) as usize
    }

    /// Red, green, blue of each pixel.
    fn upper_left(&self, width: usize, height: usize) -> Vec<u8> {
        let (header, version, byte_order) = (self.word(0), self.word(1), self.word(7));
        let (bits, line, colours) = (self.word(11), self.word(12), self.word(19));
        assert_eq!((version, bits, byte_order), (7, 32, 0), "the frame buffer is 32 bits a pixel, low byte first");
        let start = header + colours * 12;
        (0..height)
            .flat_map(|row| self.bytes[start + row * line..][..width * 4].as_chunks::<4>().0)
            .flat_map(|[blue, green, red, _]| [*red, *green, *blue])
            .collect()
    }
}
