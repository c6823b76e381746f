//! The window's icon with a lamp in its corner: the shapes of the interface (ui README, "State shapes"), so that they
//! read without colour too.

use api::Lamp;
use tauri::image::Image;

/// Red, green, blue.
type Colour = [u8; 3];

/// A dark ground under every lamp, so that it stands out from any taskbar.
const GROUND: Colour = [0x14, 0x18, 0x1B];
/// `--ink-1`, `--need-fill` and `--fail-fill` of the dark theme.
const INK: Colour = [0xE3, 0xE7, 0xE9];
const NEED: Colour = [0xEB, 0xAA, 0x34];
const FAIL: Colour = [0xE8, 0x60, 0x4F];

/// The plain icon, with the lamp in its lower right quarter; unchanged when nothing is under way.
pub(super) fn with_lamp(plain: &Image<'_>, lamp: Lamp) -> Image<'static> {
    let (width, height) = (plain.width(), plain.height());
    let mut pixels = plain.rgba().to_vec();
    let radius = f64::from(width.min(height)) * 0.28;
    let centre = (f64::from(width) - radius - 0.5, f64::from(height) - radius - 0.5);
    for (pixel, at) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(0_u32..) {
        let (x, y) = (f64::from(at % width) - centre.0, f64::from(at / width) - centre.1);
        if let Some([red, green, blue]) = colour(lamp, x / radius, y / radius) {
            *pixel = [red, green, blue, 0xFF];
        }
    }
    Image::new_owned(pixels, width, height)
}

/// The lamp's colour at a place, from -1 to 1 in both directions; none outside it.
fn colour(lamp: Lamp, x: f64, y: f64) -> Option<Colour> {
    let (far, round, slanted) = (x.abs().max(y.abs()), x.hypot(y), x.abs() + y.abs());
    let (ground, shape, colour) = match lamp {
        Lamp::Calm => return None,
        // An open ring round a core.
        Lamp::Running => (round <= 1.0, round <= 0.4 || (0.6..=0.85).contains(&round), INK),
        Lamp::Waiting => (slanted <= 1.0, slanted <= 0.75, NEED),
        Lamp::Failed => {
            let cross = (x.abs() - y.abs()).abs() < 0.22 && far < 0.5;
            (far <= 0.9, far <= 0.75 && !cross, FAIL)
        }
    };
    ground.then_some(if shape { colour } else { GROUND })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lamp_has_a_shape_of_its_own_and_leaves_the_rest_of_the_icon() {
        let plain = Image::new_owned(vec![1; 64 * 64 * 4], 64, 64);
        assert_eq!(with_lamp(&plain, Lamp::Calm).rgba(), plain.rgba(), "nothing is under way");
        let lamps = [Lamp::Running, Lamp::Waiting, Lamp::Failed];
        let shapes = lamps.map(|lamp| with_lamp(&plain, lamp).rgba().to_vec());
        for shape in &shapes {
            let changed: Vec<usize> = shape
                .as_chunks::<4>()
                .0
                .iter()
                .enumerate()
                .filter(|(_, p)| **p != [1; 4])
                .map(|(at, _)| at)
                .collect();
            assert!(changed.len() > 300, "{} pixels", changed.len());
            assert!(changed.iter().all(|at| at % 64 > 26 && at / 64 > 26), "only the lower right quarter changes");
        }
        let grey = |shape: &Vec<u8>| -> Vec<bool> { shape.as_chunks::<4>().0.iter().map(|p| p[0] > 0x80).collect() };
        let [running, waiting, failed] = [&shapes[0], &shapes[1], &shapes[2]].map(grey);
        assert!(running != waiting && waiting != failed && running != failed, "they differ without colour");
    }
}
