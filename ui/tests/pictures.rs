//! Every screen as a picture, compared pixel by pixel with the ones in `tests/pictures`, which are
//! also the documentation of how the terminal looks. `UPDATE_PICTURES=1 cargo test -p ui` writes
//! them anew.

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use support::{Glass, LOCALES, SIZES, gallery};
use ui::Theme;

/// Screens use few colours, so most pictures fit a palette; the others keep their own colours.
fn encode(glass: &Glass) -> Vec<u8> {
    let mut palette: Vec<u8> = Vec::new();
    let mut numbers: HashMap<Rgb888, usize> = HashMap::new();
    let mut indexed = Vec::new();
    let mut plain = Vec::new();
    for &pixel in &glass.pixels {
        let rgb = [pixel.r(), pixel.g(), pixel.b()];
        let next = numbers.len();
        let number = *numbers.entry(pixel).or_insert_with(|| {
            palette.extend(rgb);
            next
        });
        indexed.push(u8::try_from(number).unwrap_or(255));
        plain.extend(rgb);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, glass.size.width, glass.size.height);
    encoder.set_compression(png::Compression::High);
    let fits = numbers.len() <= 256;
    if fits {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
        encoder.set_filter(png::Filter::NoFilter);
    } else {
        encoder.set_color(png::ColorType::Rgb);
    }
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("the header is written to memory");
    writer
        .write_image_data(if fits { &indexed } else { &plain })
        .expect("memory takes the picture");
    writer.finish().expect("memory takes the end");
    bytes
}

/// The size and the pixels of a picture as three bytes each.
fn decode(path: &Path) -> Option<(u32, u32, Vec<u8>)> {
    let bytes = fs::read(path).ok()?;
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(info.buffer_size());
    Some((info.width, info.height, pixels))
}

fn compare(name: &str, glass: &Glass, wrong: &mut Vec<String>) {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::create_dir_all(reference.parent().expect("it has a folder"))
            .expect("the folder is made");
        fs::write(&reference, encode(glass)).expect("the picture is written");
        return;
    }
    let actual: Vec<u8> = glass.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
    if decode(&reference) == Some((glass.size.width, glass.size.height, actual)) {
        return;
    }
    let kept: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&kept, encode(glass)).expect("the actual picture is kept");
    wrong.push(format!("{} is not {}", kept.display(), reference.display()));
}

fn check(size: Size) {
    let mut wrong = Vec::new();
    for locale in LOCALES {
        for (name, screen) in gallery() {
            let glass = Glass::painted(size, locale, Theme::LIGHT, &screen);
            let name = format!("{name}-{locale}-{}x{}.png", size.width, size.height);
            compare(&name, &glass, &mut wrong);
        }
    }
    assert!(
        wrong.is_empty(),
        "pictures differ; look at them, and if they are right run with UPDATE_PICTURES=1:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn screens_of_320x240_look_as_before() {
    check(SIZES[0]);
}

#[test]
fn screens_of_480x272_look_as_before() {
    check(SIZES[1]);
}

#[test]
fn screens_of_480x800_look_as_before() {
    check(SIZES[2]);
}

#[test]
fn screens_of_800x480_look_as_before() {
    check(SIZES[3]);
}

#[test]
fn dark_screens_look_as_before() {
    let mut wrong = Vec::new();
    for (name, screen) in gallery() {
        if ["idle", "amount", "charging", "present", "list"].contains(&name) {
            let glass = Glass::painted(SIZES[1], LOCALES[0], Theme::DARK, &screen);
            compare(&format!("{name}-dark-480x272.png"), &glass, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "pictures differ:\n{}", wrong.join("\n"));
}
