//! A plain file in the framebuffer's place, with the kernel's answers made up.

use std::path::Path;
use std::sync::{Arc, Mutex};

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::*;
use crate::display::{Display as _, DisplayEvent, DisplayFault, Frame, RowRanges, next};
use crate::{Device as _, Rotation};

/// A kernel's answers, and what it was asked to do.
#[derive(Debug)]
struct Answers {
    var: FbVarScreeninfo,
    fix: FbFixScreeninfo,
    refused: Option<Errno>,
    /// Whether panning takes effect, which it says in any case.
    pans: bool,
    done: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Made(Arc<Mutex<Answers>>);

impl Calls for Made {
    fn var(&self, _: &File) -> io::Result<FbVarScreeninfo> {
        let answers = self.0.lock().unwrap();
        answers.refused.map_or(Ok(answers.var), |errno| Err(errno.into()))
    }

    fn fix(&self, _: &File) -> io::Result<FbFixScreeninfo> {
        Ok(self.0.lock().unwrap().fix)
    }

    fn pan(&self, _: &File, var: &mut FbVarScreeninfo) -> io::Result<()> {
        let mut answers = self.0.lock().unwrap();
        answers.done.push("pan");
        if answers.pans {
            answers.var = *var;
        }
        Ok(())
    }

    fn unblank(&self, _: &File) -> io::Result<()> {
        self.0.lock().unwrap().done.push("unblank");
        Err(Errno::INVAL.into())
    }
}

fn rgb565(width: u32, height: u32, padding: u32) -> Made {
    let field = |offset, length| FbBitfield { offset, length, msb_right: 0 };
    let var = FbVarScreeninfo {
        xres: width,
        yres: height,
        xres_virtual: width,
        yres_virtual: height * 2,
        bits_per_pixel: 16,
        red: field(11, 5),
        green: field(5, 6),
        blue: field(0, 5),
        ..FbVarScreeninfo::default()
    };
    let line_length = width * 2 + padding;
    let fix = FbFixScreeninfo {
        id: *b"made\x1b fb\0\0\0\0\0\0\0\0",
        smem_len: line_length * height * 2,
        visual: uapi::TRUECOLOR,
        line_length,
        ..FbFixScreeninfo::default()
    };
    let answers = Answers { var, fix, refused: None, pans: true, done: Vec::new() };
    Made(Arc::new(Mutex::new(answers)))
}

impl Made {
    fn change(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.0.lock().unwrap());
    }

    fn done(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().done.clone()
    }

    fn open(&self, path: &Path, rotation: Rotation) -> GlassDisplay {
        let assumed = Geometry::new(5, 7).unwrap();
        let config = GlassConfig { path: path.to_owned(), rotation, assumed, console: None };
        let source = Fbdev { path: config.path.clone(), kernel: self.clone() };
        GlassDisplay::new(config, Box::new(source))
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("fb0")
    }

    fn plug(&self, len: usize) {
        std::fs::write(self.path(), vec![0xee; len]).unwrap();
    }

    fn memory(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }
}

fn white(display: &GlassDisplay) -> Frame {
    let mut frame = Frame::new(display.geometry());
    frame.clear(Rgb888::WHITE).unwrap();
    frame
}

fn present(display: &mut GlassDisplay, frame: &mut Frame) {
    let rows = frame.take_dirty();
    display.present(frame, &rows).unwrap();
}

#[test]
fn a_picture_is_written_line_by_line_around_the_padding() {
    let (folder, made) = (Folder::new(), rgb565(3, 2, 2));
    folder.plug(32);
    let mut display = made.open(&folder.path(), Rotation::None);
    assert_eq!(
        display.health().to_string(),
        "ready: madefb, 3x2, 16 bits a pixel, turned by 0 degrees",
    );
    assert!(made.done().is_empty(), "looking changes nothing");
    assert_eq!(folder.memory(), [0xee; 32]);

    let frame = white(&display);
    display.present(&frame, &RowRanges::all(frame.geometry())).unwrap();
    let line = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xee, 0xee];
    assert_eq!(folder.memory(), [line, line, [0xee; 8], [0xee; 8]].concat());
    assert_eq!(made.done(), ["unblank"], "that it cannot blank is no fault");
    assert_eq!(display.written(), 12);
}

#[test]
fn a_tick_costs_the_bytes_that_changed_however_the_glass_hangs() {
    for rotation in [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
        let (folder, made) = (Folder::new(), rgb565(20, 30, 0));
        folder.plug(0);
        let mut display = made.open(&folder.path(), rotation);
        let mut frame = white(&display);
        present(&mut display, &mut frame);
        assert_eq!(display.written(), 20 * 30 * 2);
        let digit = Rectangle::new(Point::new(4, 5), Size::new(3, 2));
        frame.fill_solid(&digit, Rgb888::BLACK).unwrap();
        present(&mut display, &mut frame);
        assert_eq!(display.written(), 20 * 30 * 2 + 3 * 2 * 2, "{rotation:?}");
    }
}

#[test]
fn a_display_that_shows_another_part_of_its_memory_is_panned_or_drawn_on_there() {
    for (pans, start) in [(true, 0), (false, 14)] {
        let (folder, made) = (Folder::new(), rgb565(3, 2, 0));
        made.change(|answers| {
            (answers.var.xoffset, answers.var.yoffset) = (1, 2);
            answers.fix.smem_len = 26;
            answers.pans = pans;
        });
        folder.plug(26);
        let mut display = made.open(&folder.path(), Rotation::None);
        let frame = white(&display);
        display.present(&frame, &RowRanges::all(frame.geometry())).unwrap();
        let mut memory = vec![0xee; 26];
        memory[start..start + 12].fill(0xff);
        assert_eq!(folder.memory(), memory);
        assert_eq!(made.done(), ["pan", "unblank"]);
    }
}

#[test]
fn devices_that_cannot_be_drawn_on_are_refused_with_words() {
    type Change = fn(&mut Answers);
    let changes: [(Change, &str); 9] = [
        (|a| a.refused = Some(Errno::NOTTY), "is not a framebuffer: give the path of one"),
        (|a| a.refused = Some(Errno::IO), "does not say how it is"),
        (|a| a.fix.visual = 3, "not true colour"),
        (|a| a.fix.kind = 1, "not true colour"),
        (|a| a.var.grayscale = 1, "not true colour"),
        (|a| a.var.red.msb_right = 1, "not true colour"),
        (|a| a.var.bits_per_pixel = 8, "a framebuffer of 8 bits a pixel"),
        (|a| a.var.xres = 0, "a framebuffer of 0x2 pixels: set a mode"),
        (|a| a.var.yoffset = u32::MAX, "too short"),
    ];
    for (change, words) in changes {
        let (folder, made) = (Folder::new(), rgb565(3, 2, 0));
        folder.plug(24);
        made.change(change);
        let report = made.open(&folder.path(), Rotation::None).health();
        assert_eq!(report.health, Health::Failed, "{report}");
        assert!(report.detail.contains(words), "{report}");
    }
}

#[test]
fn answers_out_of_all_proportion_are_refused_too() {
    let (folder, made) = (Folder::new(), rgb565(3, 2, 0));
    folder.plug(24);
    made.change(|answers| {
        answers.fix.line_length = u32::MAX;
        answers.var.yoffset = u32::MAX;
        answers.var.xoffset = u32::MAX;
        answers.fix.smem_len = 0;
    });
    assert!(!made.open(&folder.path(), Rotation::None).health().is_ready());
    made.change(|answers| answers.var.xres = u32::MAX);
    assert!(!made.open(&folder.path(), Rotation::None).health().is_ready());
    made.change(|answers| answers.var.bits_per_pixel = u32::MAX);
    assert!(!made.open(&folder.path(), Rotation::None).health().is_ready());
}

#[test]
fn a_driver_that_leaves_the_lines_length_out_has_no_padding() {
    let (folder, made) = (Folder::new(), rgb565(3, 2, 0));
    folder.plug(12);
    made.change(|answers| answers.fix.line_length = 0);
    let mut display = made.open(&folder.path(), Rotation::None);
    let frame = white(&display);
    display.present(&frame, &RowRanges::all(frame.geometry())).unwrap();
    assert_eq!(folder.memory(), [0xff; 12]);
}

#[test]
fn files_that_are_no_framebuffer_are_named_with_what_to_do() {
    let folder = Folder::new();
    let assumed = Geometry::new(4, 2).unwrap();
    let health = |path: &Path| {
        let rotation = Rotation::None;
        let config = GlassConfig { path: path.to_owned(), rotation, assumed, console: None };
        let mut display = open(config);
        let fault = display.present(&Frame::new(assumed), &RowRanges::all(assumed)).unwrap_err();
        (display.health(), fault)
    };
    let (absent, fault) = health(&folder.path());
    assert_eq!(absent.health, Health::Absent);
    assert!(absent.detail.contains("fb0 is not there: is the display's driver loaded?"));
    assert!(matches!(fault, DisplayFault::Absent(_)));

    folder.plug(9);
    for path in [&folder.path(), Path::new("/dev/null")] {
        let (failed, fault) = health(path);
        let words = format!("{} is not a framebuffer", path.display());
        assert_eq!(failed.health, Health::Failed);
        assert!(failed.detail.contains(&words), "{failed}");
        assert!(matches!(fault, DisplayFault::Failed(_)));
    }
    assert_eq!(folder.memory(), [0xee; 9], "nothing was written to it");

    let forbidden = unopened(Path::new("/dev/fb0"), &Errno::ACCESS.into());
    assert_eq!(
        forbidden.to_string(),
        "failed: no permission for /dev/fb0: let the program have the group video",
    );
}

#[tokio::test(start_paused = true)]
async fn a_display_that_comes_later_is_found_with_its_own_size() {
    let (folder, made) = (Folder::new(), rgb565(3, 2, 0));
    let mut display = made.open(&folder.path(), Rotation::Quarter);
    assert_eq!(display.geometry().to_string(), "5x7", "assumed");
    folder.plug(12);
    assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged);
    assert!(display.health().is_ready());
    assert_eq!(display.geometry().to_string(), "2x3", "turned by a quarter");
    let old = Frame::new(Geometry::new(5, 7).unwrap());
    let fault = display.present(&old, &RowRanges::all(old.geometry())).unwrap_err();
    assert!(matches!(fault, DisplayFault::WrongSize { .. }));
}
