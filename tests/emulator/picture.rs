//! What is to be seen: pictures of the real framebuffer, compared with what the `ui` crate draws,
//! and read as a phone reads them.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use ui::{Body, Locale, Painter, Screen, StatusBar, Theme};

pub const WIDTH: u32 = 480;
pub const HEIGHT: u32 = 800;

/// A picture of the screen, three bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Reads QEMU's PPM (P6, 255).
    pub fn read(path: &Path) -> Picture {
        let bytes = std::fs::read(path).expect("a picture");
        let mut at = 0;
        let mut word = || {
            let rest = &bytes[at..];
            let word: Vec<u8> =
                rest.iter().copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
            at += word.len() + 1;
            String::from_utf8(word).expect("a head in ASCII")
        };
        assert_eq!(word(), "P6", "{}", path.display());
        let mut number = || word().parse::<u32>().expect("a number");
        let (width, height, most) = (number(), number(), number());
        assert_eq!(most, 255);
        let rgb = bytes[at..].to_vec();
        assert_eq!(rgb.len() as u64, 3 * u64::from(width) * u64::from(height));
        Picture { width, height, rgb }
    }

    /// What the firmware ought to show now.
    pub fn of(status: &StatusBar, body: Body) -> Picture {
        Picture::exactly(&StatusBar { clock: Some(clock(0)), ..status.clone() }, body)
    }

    /// The same, with the clock that the status bar has, or with none.
    pub fn exactly(status: &StatusBar, body: Body) -> Picture {
        let mut easel = Easel::new();
        easel.paint(status, body);
        let rgb = easel.frame.as_bytes().to_vec();
        Picture { width: WIDTH, height: HEIGHT, rgb }
    }

    /// Keeps it for people.
    pub fn keep(&self, path: &Path) {
        let file = std::fs::File::create(path).expect("a file");
        let mut png = png::Encoder::new(std::io::BufWriter::new(file), self.width, self.height);
        png.set_color(png::ColorType::Rgb);
        png.set_depth(png::BitDepth::Eight);
        let mut writer = png.write_header().expect("a PNG");
        writer.write_image_data(&self.rgb).expect("a PNG");
    }

    /// The codes that a phone reads off it.
    pub fn codes(&self) -> Vec<String> {
        let grey = |x: usize, y: usize| {
            let at = 3 * (y * self.width as usize + x);
            let sum: u32 = self.rgb[at..at + 3].iter().map(|part| u32::from(*part)).sum();
            u8::try_from(sum / 3).unwrap_or(u8::MAX)
        };
        let (width, height) = (self.width as usize, self.height as usize);
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        let found = picture.detect_grids();
        found.iter().filter_map(|code| Some(code.decode().ok()?.1)).collect()
    }
}

/// Whether this is one of these screens, with the time of now or of up to so many minutes ago.
pub fn is_one_of(seen: &Picture, status: &StatusBar, bodies: &[Body], minutes_ago: u64) -> bool {
    if (seen.width, seen.height) != (WIDTH, HEIGHT) {
        return false;
    }
    let mut easel = Easel::new();
    (0..=minutes_ago).any(|ago| {
        let status = StatusBar { clock: Some(clock(ago)), ..status.clone() };
        bodies.iter().any(|body| {
            easel.paint(&status, body.clone());
            easel.frame.as_bytes() == seen.rgb
        })
    })
}

/// Paints one screen after the other, as the firmware does.
struct Easel {
    painter: Painter,
    frame: hal::Frame,
}

impl Easel {
    fn new() -> Easel {
        let pixels = embedded_graphics::geometry::Size::new(WIDTH, HEIGHT);
        let size = hal::Geometry::new(WIDTH, HEIGHT).expect("a size");
        Easel {
            painter: Painter::new(pixels, Locale::ZhCn, Theme::default()),
            frame: hal::Frame::new(size),
        }
    }

    fn paint(&mut self, status: &StatusBar, body: Body) {
        let screen = Screen { status: status.clone(), body };
        let Ok(_) = self.painter.paint(&screen, &mut self.frame);
    }
}

/// The status bar's clock, as it was so many minutes ago.
fn clock(minutes_ago: u64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    let minutes = (since.as_secs() / 60 + 8 * 60 - minutes_ago) % (24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
