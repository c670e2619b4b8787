//! What the painter does to a draw target.

mod support;

use embedded_graphics::Pixel;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use support::{ALIPAY_QR, Glass, LOCALES, SIZES, UNIONPAY_QR, WECHAT_QR, gallery, outcome, screen};
use ui::*;

fn paint(painter: &mut Painter, screen: &Screen, glass: &mut Glass) -> Vec<Rectangle> {
    let Ok(touched) = painter.paint(screen, glass);
    touched
}

fn pixels(areas: &[Rectangle]) -> u32 {
    areas.iter().map(|area| area.size.width * area.size.height).sum()
}

fn contains(areas: &[Rectangle], area: &Rectangle) -> bool {
    areas.iter().any(|outer| outer.intersection(area) == *area)
}

#[test]
fn a_screen_painted_over_another_looks_as_if_painted_afresh() {
    for size in SIZES {
        for locale in LOCALES {
            let mut painter = Painter::new(size, locale, Theme::LIGHT);
            let mut glass = Glass::new(size);
            // There and back, so that each screen follows two others.
            let there = gallery();
            let back = gallery().into_iter().rev();
            for (name, screen) in there.into_iter().chain(back.step_by(2)) {
                let before = glass.pixels.clone();
                glass.touched.clear();
                let touched = paint(&mut painter, &screen, &mut glass);
                let fresh = Glass::painted(size, locale, Theme::LIGHT, &screen);
                assert!(glass.pixels == fresh.pixels, "{name} {locale} {size} kept old pixels");
                for area in &glass.touched {
                    assert!(contains(&touched, area), "{name}: {area:?} was not reported");
                }
                let changed =
                    before.iter().zip(&glass.pixels).filter(|(was, is)| was != is).count();
                assert!(changed as u32 <= pixels(&touched));
            }
        }
    }
}

#[test]
fn every_pixel_is_painted() {
    for size in SIZES {
        let nothing = Glass::new(size).pixels[0];
        for (name, screen) in gallery() {
            let glass = Glass::painted(size, Locale::En, Theme::LIGHT, &screen);
            assert!(glass.pixels.iter().all(|&pixel| pixel != nothing), "{name} {size}");
        }
    }
}

#[test]
fn a_second_that_passes_touches_only_its_own_pixels() {
    let amount = || "1280.50".to_owned();
    type Tick = Box<dyn Fn(u32) -> Body>;
    // The share of the screen that may be touched, in percent: a dial is larger than a line.
    let ticks: [(&str, u32, Tick); 5] = [
        (
            "await",
            6,
            Box::new(move |s| Body::AwaitCode {
                amount: amount(),
                seconds_left: s,
                tap: true,
                caution: None,
            }),
        ),
        (
            "present",
            6,
            Box::new(move |s| Body::Present {
                amount: amount(),
                wallet: Wallet::Wechat,
                qr: Some(WECHAT_QR.into()),
                seconds_left: s,
            }),
        ),
        (
            "charging",
            15,
            Box::new(move |s| Body::Charging {
                amount: amount(),
                wallet: None,
                seconds: s,
                caution: None,
            }),
        ),
        (
            "confirming",
            15,
            Box::new(move |s| Body::Confirming { amount: amount(), seconds_left: s }),
        ),
        ("reversing", 15, Box::new(move |s| Body::Reversing { amount: amount(), seconds: s })),
    ];
    for size in SIZES {
        for locale in LOCALES {
            for (name, percent, tick) in &ticks {
                let mut painter = Painter::new(size, locale, Theme::LIGHT);
                let mut glass = Glass::new(size);
                paint(&mut painter, &screen(tick(101)), &mut glass);
                let mut boxes: Option<Vec<Rectangle>> = None;
                // Through a change from three digits to two and to one.
                for seconds in [100, 99, 50, 11, 10, 9, 8] {
                    glass.touched.clear();
                    let touched = paint(&mut painter, &screen(tick(seconds)), &mut glass);
                    let share = pixels(&touched) * 100 / (size.width * size.height);
                    assert!(share <= *percent, "{name} {size}: a tick touched {share} %");
                    assert!(
                        glass.touched.iter().all(|area| contains(&touched, area)),
                        "{name} {size}"
                    );
                    // Above a minute the dial stays full, so only its number is redrawn.
                    if seconds <= 50 {
                        let boxes = boxes.get_or_insert_with(|| touched.clone());
                        assert_eq!(&touched, boxes, "{name} {size}: the box moved");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_touched_when_nothing_changed() {
    let mut painter = Painter::new(SIZES[0], Locale::ZhCn, Theme::LIGHT);
    let mut glass = Glass::new(SIZES[0]);
    for (name, screen) in gallery() {
        paint(&mut painter, &screen, &mut glass);
        glass.touched.clear();
        assert!(paint(&mut painter, &screen, &mut glass).is_empty(), "{name}");
        assert!(glass.touched.is_empty(), "{name}");
    }
}

#[test]
fn invalidate_draws_all_and_a_new_language_redraws_the_words() {
    let (_, idle) = gallery().swap_remove(1);
    let mut painter = Painter::new(SIZES[1], Locale::ZhCn, Theme::LIGHT);
    let mut glass = Glass::new(SIZES[1]);
    paint(&mut painter, &idle, &mut glass);
    painter.invalidate();
    let touched = paint(&mut painter, &idle, &mut glass);
    assert_eq!(touched, vec![Rectangle::new(Point::zero(), SIZES[1])]);
    painter.set_locale(Locale::En);
    assert!(!paint(&mut painter, &idle, &mut glass).is_empty());
    let english = Glass::painted(SIZES[1], Locale::En, Theme::LIGHT, &idle);
    assert!(glass.pixels == english.pixels);
}

/// Fails once, after some drawing.
struct Failing(u32);

impl OriginDimensions for Failing {
    fn size(&self) -> Size {
        SIZES[0]
    }
}

impl DrawTarget for Failing {
    type Color = Rgb888;
    type Error = &'static str;

    fn draw_iter<I>(&mut self, _: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        self.0 += 1;
        if self.0 == 3 { Err("the bus is gone") } else { Ok(()) }
    }
}

#[test]
fn after_a_target_failed_the_next_paint_draws_all() {
    let (_, idle) = gallery().swap_remove(1);
    let mut painter = Painter::new(SIZES[0], Locale::ZhCn, Theme::LIGHT);
    let mut target = Failing(0);
    assert_eq!(painter.paint(&idle, &mut target), Err("the bus is gone"));
    let whole = vec![Rectangle::new(Point::zero(), SIZES[0])];
    assert_eq!(painter.paint(&idle, &mut target), Ok(whole));
}

/// The box round all that is pure black in the picture of a presented code.
fn symbol(glass: &Glass) -> Rectangle {
    let black = (0..glass.size.height)
        .flat_map(|y| (0..glass.size.width).map(move |x| (x, y)))
        .filter(|&(x, y)| glass.at(x, y) == Rgb888::BLACK);
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for (x, y) in black {
        (left, top) = (left.min(x), top.min(y));
        (right, bottom) = (right.max(x), bottom.max(y));
    }
    Rectangle::new(
        Point::new(left as i32, top as i32),
        Size::new(right - left + 1, bottom - top + 1),
    )
}

fn presented(payload: &str) -> Screen {
    screen(Body::Present {
        amount: "1280.50".into(),
        wallet: Wallet::Alipay,
        qr: Some(payload.into()),
        seconds_left: 200,
    })
}

#[test]
fn a_phone_can_read_the_code_in_every_size_and_theme() {
    for size in SIZES {
        for theme in [Theme::LIGHT, Theme::DARK] {
            for payload in [WECHAT_QR, ALIPAY_QR, UNIONPAY_QR, "中文 payload"] {
                let glass = Glass::painted(size, Locale::ZhCn, theme, &presented(payload));
                let mut image = rqrr::PreparedImage::prepare_from_greyscale(
                    size.width as usize,
                    size.height as usize,
                    |x, y| glass.at(x as u32, y as u32).g(),
                );
                let grids = image.detect_grids();
                assert_eq!(grids.len(), 1, "{payload} {size}");
                let (meta, content) = grids[0].decode().expect("the code decodes");
                assert_eq!(content, payload, "{size}");
                // Bits 00 in the format information: level M, as rqrr numbers the levels.
                assert_eq!(meta.ecc_level, 0, "medium error correction");
            }
        }
    }
}

#[test]
fn the_code_takes_sixty_percent_of_the_short_side_in_whole_modules_with_its_quiet_zone() {
    for size in SIZES {
        for payload in [WECHAT_QR, ALIPAY_QR, UNIONPAY_QR] {
            let glass = Glass::painted(size, Locale::ZhCn, Theme::DARK, &presented(payload));
            let symbol = symbol(&glass);
            assert_eq!(symbol.size.width, symbol.size.height);
            // A finder pattern's upper edge is seven modules long.
            let edge = (0..)
                .take_while(|&step| {
                    let corner = symbol.top_left;
                    glass.at((corner.x + step) as u32, corner.y as u32) == Rgb888::BLACK
                })
                .count() as u32;
            assert_eq!(edge % 7, 0, "modules are whole pixels");
            let module = edge / 7;
            assert_eq!(symbol.size.width % module, 0);
            let quiet = 4 * module;
            let short = size.width.min(size.height);
            assert!(symbol.size.width * 100 >= short * 60, "{payload} {size}: {symbol:?}");
            for step in 1..=quiet as i32 {
                for along in -(quiet as i32)..(symbol.size.width + quiet) as i32 {
                    let corner = symbol.top_left;
                    let end = symbol.size.width as i32 - 1;
                    for (x, y) in [
                        (corner.x + along, corner.y - step),
                        (corner.x + along, corner.y + end + step),
                        (corner.x - step, corner.y + along),
                        (corner.x + end + step, corner.y + along),
                    ] {
                        assert_eq!(glass.at(x as u32, y as u32), Rgb888::WHITE, "{payload} {size}");
                    }
                }
            }
        }
    }
}

#[test]
fn results_differ_in_shape_when_colours_cannot_be_told() {
    let size = SIZES[1];
    let kinds = [
        OutcomeKind::Paid,
        OutcomeKind::NotCharged,
        OutcomeKind::Reversed,
        OutcomeKind::Unresolved,
        OutcomeKind::Discrepancy,
    ];
    // Only what is drawn and what is background is left of each sign.
    let masks = kinds.map(|kind| {
        let screen = screen(Body::Outcome(outcome(kind, None, None)));
        let glass = Glass::painted(size, Locale::En, Theme::LIGHT, &screen);
        let back = glass.at(2, size.height / 2);
        let left =
            (0..size.width * 3 / 10).flat_map(|x| (40..size.height - 40).map(move |y| (x, y)));
        left.map(|(x, y)| glass.at(x, y) != back).collect::<Vec<bool>>()
    });
    for (at, one) in masks.iter().enumerate() {
        let drawn = one.iter().filter(|&&drawn| drawn).count();
        assert!(drawn > 1500, "{:?} has a large sign", kinds[at]);
        for (other_at, other) in masks.iter().enumerate().skip(at + 1) {
            let differ = one.iter().zip(other).filter(|(one, other)| one != other).count();
            assert!(
                differ * 5 > drawn,
                "{:?} and {:?} look alike: {differ} of {drawn}",
                kinds[at],
                kinds[other_at]
            );
        }
    }
}
