//! A display in memory that fails, goes and comes back as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use tokio::time::Instant;

use super::*;
use crate::display::next;
use crate::hotplug::{RETRY_FIRST, RETRY_MAX};

/// What the display is told to do, and what it holds.
#[derive(Debug)]
struct Panel {
    size: Option<(u32, u32)>,
    refuses: Option<Errno>,
    memory: Vec<u8>,
    looks: u32,
    taken_over: u32,
    let_go: u32,
}

#[derive(Debug, Clone)]
struct Made(Arc<Mutex<Panel>>);

#[derive(Debug)]
struct MadeGlass(Made, Layout);

impl Source for Made {
    fn kind(&self) -> &'static str {
        "made display"
    }

    fn look(&mut self) -> Result<Box<dyn Glass>, HealthReport> {
        let mut panel = self.0.lock().unwrap();
        panel.looks += 1;
        let Some((width, height)) = panel.size else {
            return Err(HealthReport::new(Health::Absent, "it is away"));
        };
        panel.memory = vec![0xee; (width * height * 4) as usize];
        let layout = Layout {
            name: "made".to_owned(),
            glass: Geometry::new(width, height).unwrap(),
            format: PixelFormat::XRGB8888,
            line_length: width as usize * 4,
        };
        Ok(Box::new(MadeGlass(self.clone(), layout)))
    }
}

impl Glass for MadeGlass {
    fn layout(&self) -> &Layout {
        &self.1
    }

    fn take_over(&mut self) -> io::Result<()> {
        self.0.0.lock().unwrap().taken_over += 1;
        Ok(())
    }

    fn write(
        &mut self,
        pieces: &mut dyn Iterator<Item = (usize, &[u8])>,
        _lines: &mut dyn Iterator<Item = (u32, Extent)>,
    ) -> io::Result<()> {
        let mut panel = self.0.0.lock().unwrap();
        for (at, bytes) in pieces {
            panel.memory[at..at + bytes.len()].copy_from_slice(bytes);
            if let Some(errno) = panel.refuses {
                return Err(errno.into());
            }
        }
        Ok(())
    }
}

impl Drop for MadeGlass {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().let_go += 1;
    }
}

impl Made {
    fn new(size: Option<(u32, u32)>) -> Self {
        let panel =
            Panel { size, refuses: None, memory: vec![], looks: 0, taken_over: 0, let_go: 0 };
        Self(Arc::new(Mutex::new(panel)))
    }

    fn display(&self) -> GlassDisplay {
        let folder = std::env::temp_dir();
        let config = GlassConfig {
            path: folder.join("no-such-folder-of-a-display/node"),
            rotation: Rotation::None,
            assumed: Geometry::new(4, 4).unwrap(),
            console: None,
        };
        GlassDisplay::new(config, Box::new(self.clone()))
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Panel) -> T) -> T {
        use_it(&mut self.0.lock().unwrap())
    }
}

fn white(display: &GlassDisplay) -> (Frame, RowRanges) {
    let mut frame = Frame::new(display.geometry());
    frame.clear(Rgb888::WHITE).unwrap();
    (frame, RowRanges::all(display.geometry()))
}

#[tokio::test(start_paused = true)]
async fn a_display_that_fails_half_way_is_let_go_of_and_gets_its_whole_picture_later() {
    let made = Made::new(Some((4, 4)));
    let mut display = made.display();
    let (frame, rows) = white(&display);
    display.present(&frame, &rows).unwrap();
    made.with(|panel| panel.refuses = Some(Errno::IO));
    let (frame, rows) = (Frame::new(display.geometry()), RowRanges::all(display.geometry()));
    let fault = display.present(&frame, &rows).unwrap_err();
    assert!(fault.to_string().contains("drawing on"), "{fault}");
    assert_eq!(display.health().health, Health::Failed);
    assert_eq!(made.with(|panel| panel.let_go), 1);
    assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged);

    made.with(|panel| panel.refuses = None);
    let since = Instant::now();
    assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged);
    assert!(since.elapsed() <= RETRY_FIRST + Duration::from_millis(1));
    assert!(display.health().is_ready());
    let (frame, _) = white(&display);
    display.present(&frame, &RowRanges::from(0..1)).unwrap();
    let memory = made.with(|panel| panel.memory.clone());
    assert!(!memory.contains(&0xee), "the rows that nobody asked for are shown as well");
    assert_eq!(made.with(|panel| panel.taken_over), 2);
}

#[tokio::test(start_paused = true)]
async fn a_display_that_can_be_found_but_not_drawn_on_is_looked_for_ever_more_seldom() {
    let made = Made::new(Some((4, 4)));
    made.with(|panel| panel.refuses = Some(Errno::IO));
    let mut display = made.display();
    let (frame, rows) = white(&display);
    let since = Instant::now();
    while since.elapsed() < 20 * RETRY_MAX {
        assert!(display.present(&frame, &rows).is_err());
        assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged, "failed");
        assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged, "found");
    }
    assert!(made.with(|panel| panel.looks) < 30);
}

#[tokio::test(start_paused = true)]
async fn an_absent_display_is_told_once_and_found_by_itself_with_another_size() {
    let made = Made::new(None);
    let mut display = made.display();
    assert_eq!(display.health().to_string(), "absent: it is away");
    assert_eq!(display.geometry().to_string(), "4x4");
    let waiting = tokio::time::timeout(10 * RETRY_MAX, next(&mut display));
    assert!(waiting.await.is_err(), "it did not change");
    made.with(|panel| panel.size = Some((6, 2)));
    assert_eq!(next(&mut display).await, DisplayEvent::HealthChanged);
    assert_eq!(display.geometry().to_string(), "6x2");
    assert_eq!(made.with(|panel| panel.taken_over), 0, "looking takes nothing over");
}

#[test]
fn a_display_that_was_unplugged_is_absent_and_not_broken() {
    let made = Made::new(Some((4, 4)));
    let mut display = made.display();
    made.with(|panel| panel.refuses = Some(Errno::NODEV));
    let (frame, rows) = white(&display);
    let fault = display.present(&frame, &rows).unwrap_err();
    assert!(matches!(fault, DisplayFault::Absent(_)), "{fault}");
    assert_eq!(display.health().health, Health::Absent);
}

#[test]
fn what_was_written_is_counted() {
    let made = Made::new(Some((4, 4)));
    let mut display = made.display();
    let (mut frame, rows) = white(&display);
    display.present(&frame, &rows).unwrap();
    display.present(&frame, &rows).unwrap();
    assert_eq!(display.written(), 64);
    frame.draw_iter([Pixel(Point::new(1, 2), Rgb888::RED)]).unwrap();
    display.present(&frame, &rows).unwrap();
    assert_eq!(display.written(), 68);
}
