//! The screens of a payment terminal, in Chinese and English.
//!
//! This crate knows no devices and no payment types. It is handed a [`Screen`], a plain value, and
//! draws it on any [`embedded_graphics::draw_target::DrawTarget`] of [`Rgb888`]. The same value
//! always gives the same pixels, which is what the reference pictures in `tests/pictures` rely on.
//!
//! | room       | holds                                                                     |
//! |------------|---------------------------------------------------------------------------|
//! | [`Screen`] | `screen`: what is to be seen, as values                                    |
//! | [`Text`]   | `locale`: every string of the product, in both languages, in one table     |
//! | [`Theme`]  | `theme`: colours, and which of them may stand on which                     |
//! | [`Lettering`] | `lettering`: text in one bit per dot, for receipts                      |
//! | `text`     | fonts, widths, line breaking, the bounded glyph cache                      |
//! | `element`  | one thing on the screen: a box and its contents, comparable                |
//! | `layout`   | boxes, the type scale and the column that makes texts fit                  |
//! | `screens`  | one function per screen: `Screen` to a list of elements                    |
//! | `canvas`   | the piece of picture being composed: blending, shapes                      |
//! | `figure`   | ticks, crosses, triangles, dials and icons as distance functions           |
//! | `qr`       | a QR symbol as horizontal runs                                             |
//! | [`Painter`]| `painter`: compares two lists of elements and redraws what differs         |
//!
//! Invariants: colour is never the only sign (shape and word differ too); nothing that comes in can
//! panic or take more than a fixed amount of memory (I15); a result that is not certain never looks
//! like one that is (I3, I4). Source: the project's `ui.md`.
//!
//! [`Rgb888`]: embedded_graphics::pixelcolor::Rgb888

// Lets unit tests share the screens that the integration tests use.
#[cfg(test)]
extern crate self as ui;

mod canvas;
mod element;
mod figure;
mod layout;
mod lettering;
mod locale;
mod painter;
mod qr;
mod screen;
mod screens;
mod text;
mod theme;

pub use lettering::{Lettering, Mask};
pub use locale::{Locale, Text, UnknownLocale};
pub use painter::Painter;
pub use screen::{
    Body, Light, Mark, MenuItem, Outcome, OutcomeKind, Row, Screen, Severity, StatusBar, Wallet,
    Warning,
};
pub use theme::Theme;
