//! Signs as distance functions: they are sharp at every size and need no picture files.
//!
//! Every result has a silhouette of its own (disc, stop sign, triangle, ring, diamond), so that it
//! is known without its colour. Coordinates run from -1 to 1 in the square in the middle of the
//! box.

use std::f32::consts::{FRAC_1_SQRT_2, PI, TAU};

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use crate::canvas::Canvas;
use crate::screen::{Mark, OutcomeKind};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A disc with a tick: paid.
    Tick,
    /// A stop sign with a cross: not charged.
    Cross,
    /// A triangle with an exclamation mark: not certain.
    Triangle,
    /// A ring with a returning arrow: reversed, refunded.
    Return,
    /// A diamond with "not equal": the books contradict each other.
    Unequal,
    /// A disc with an "i".
    Info,
    /// A dot.
    Dot,
    /// A ring of which `filled` sixtieths are drawn strong, clockwise from the top.
    Dial {
        /// 0 to 60.
        filled: u8,
    },
    /// A ring with a strong arc that begins at `turn` eighths.
    Spinner {
        /// 0 to 7.
        turn: u8,
    },
    /// A code between the corners of a viewfinder.
    Viewfinder,
    /// Bars of a rising signal.
    Network,
    /// A code under a reading line.
    Scanner,
    /// A printer.
    Printer,
    /// Something fails: drawn over the sign of what.
    Strike,
    /// It can be opened.
    Forward,
}

/// Negative inside, in the unit of the box.
type Distance = fn(f32, f32) -> f32;

impl Figure {
    /// The sign of a result.
    pub(crate) fn of_outcome(kind: OutcomeKind) -> Figure {
        match kind {
            OutcomeKind::Paid => Figure::Tick,
            OutcomeKind::NotCharged => Figure::Cross,
            OutcomeKind::Reversed => Figure::Return,
            OutcomeKind::Unresolved => Figure::Triangle,
            OutcomeKind::Discrepancy => Figure::Unequal,
        }
    }

    /// The sign of a listed sale.
    pub(crate) fn of_mark(mark: Mark) -> Option<Figure> {
        match mark {
            Mark::Paid => Some(Figure::Tick),
            Mark::NotCharged => Some(Figure::Cross),
            Mark::Open => Some(Figure::Triangle),
            Mark::Refunded => Some(Figure::Return),
            Mark::None => None,
        }
    }

    /// Draws the sign in `ink`; what is cut out of it shows `back`.
    pub(crate) fn draw(self, bounds: Rectangle, ink: Rgb888, back: Rgb888, canvas: &mut Canvas) {
        match self {
            Figure::Tick
            | Figure::Cross
            | Figure::Triangle
            | Figure::Return
            | Figure::Unequal
            | Figure::Info => self.draw_cut_out(bounds, ink, back, canvas),
            Figure::Dot => canvas.shape(bounds, ink, |x, y| circle(x, y, 0.92)),
            Figure::Dial { filled } => {
                dial(bounds, 0.0, f32::from(filled) / 60.0, ink, back, canvas)
            }
            Figure::Spinner { turn } => {
                dial(bounds, f32::from(turn) / 8.0, 0.25, ink, back, canvas);
            }
            Figure::Viewfinder => canvas.shape(bounds, ink, viewfinder),
            Figure::Network => canvas.shape(bounds, ink, |x, y| {
                let bar = |at: f32, top: f32| {
                    round_box(x - at, y - (top + 0.75) / 2.0, 0.17, (0.75 - top) / 2.0, 0.08)
                };
                bar(-0.6, 0.3).min(bar(0.0, -0.2)).min(bar(0.6, -0.72))
            }),
            Figure::Scanner => canvas.shape(bounds, ink, |x, y| {
                let bar = |at: f32, half: f32| round_box(x - at, y, half, 0.42, 0.0);
                let bars =
                    bar(-0.6, 0.1).min(bar(-0.2, 0.16)).min(bar(0.2, 0.08)).min(bar(0.6, 0.14));
                bars.min(corners(x, y, 0.86, 0.3, 0.09))
            }),
            Figure::Printer => canvas.shape(bounds, ink, printer),
            Figure::Strike => {
                canvas
                    .shape(bounds, back, |x, y| segment(x, y, (-0.85, 0.85), (0.85, -0.85), 0.28));
                canvas.shape(bounds, ink, |x, y| segment(x, y, (-0.85, 0.85), (0.85, -0.85), 0.12));
            }
            Figure::Forward => canvas.shape(bounds, ink, |x, y| chevron(y, x)),
        }
    }

    /// A silhouette with something cut out of it.
    fn draw_cut_out(self, bounds: Rectangle, ink: Rgb888, back: Rgb888, canvas: &mut Canvas) {
        let (silhouette, cut): (Distance, Distance) = match self {
            Figure::Tick => (
                |x, y| circle(x, y, 0.98),
                |x, y| {
                    let short = segment(x, y, (-0.46, 0.04), (-0.13, 0.38), 0.115);
                    short.min(segment(x, y, (-0.13, 0.38), (0.48, -0.32), 0.115))
                },
            ),
            Figure::Cross => {
                (octagon, |x, y| segment(x.abs(), y.abs(), (0.0, 0.0), (0.36, 0.36), 0.12))
            }
            Figure::Triangle => (triangle, |x, y| {
                let stroke = segment(x, y, (0.0, -0.24), (0.0, 0.24), 0.1);
                stroke.min(circle(x, y - 0.52, 0.12))
            }),
            Figure::Return => {
                (|x, y| (circle(x, y, 0.9).abs() - 0.075).min(returning(x, y)), |_, _| 1.0)
            }
            Figure::Unequal => (
                |x, y| (x.abs() + y.abs() - 0.9) * FRAC_1_SQRT_2 - 0.05,
                |x, y| {
                    let bars = segment(x, y.abs(), (-0.32, 0.15), (0.32, 0.15), 0.075);
                    bars.min(segment(x, y, (-0.2, 0.4), (0.2, -0.4), 0.075))
                },
            ),
            Figure::Info => (
                |x, y| circle(x, y, 0.95),
                |x, y| {
                    let stroke = segment(x, y, (0.0, -0.08), (0.0, 0.46), 0.11);
                    stroke.min(circle(x, y + 0.44, 0.13))
                },
            ),
            Figure::Dot
            | Figure::Dial { .. }
            | Figure::Spinner { .. }
            | Figure::Viewfinder
            | Figure::Network
            | Figure::Scanner
            | Figure::Printer
            | Figure::Strike
            | Figure::Forward => return self.draw(bounds, ink, back, canvas),
        };
        canvas.shape(bounds, ink, silhouette);
        canvas.shape(bounds, back, cut);
    }
}

fn circle(x: f32, y: f32, radius: f32) -> f32 {
    x.hypot(y) - radius
}

/// A stroke with round ends.
fn segment(x: f32, y: f32, from: (f32, f32), to: (f32, f32), radius: f32) -> f32 {
    let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (x - from.0, y - from.1);
    let length = along_x * along_x + along_y * along_y;
    let share =
        if length > 0.0 { ((x * along_x + y * along_y) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x - along_x * share).hypot(y - along_y * share) - radius
}

fn round_box(x: f32, y: f32, half_x: f32, half_y: f32, radius: f32) -> f32 {
    let (x, y) = (x.abs() - half_x + radius, y.abs() - half_y + radius);
    x.max(0.0).hypot(y.max(0.0)) + x.max(y).min(0.0) - radius
}

fn octagon(x: f32, y: f32) -> f32 {
    let (x, y) = (x.abs(), y.abs());
    (x.max(y) - 0.9).max((x + y) * FRAC_1_SQRT_2 - 0.9) - 0.05
}

/// A triangle with round corners, point up.
fn triangle(x: f32, y: f32) -> f32 {
    const TOP: (f32, f32) = (0.0, -0.7);
    const FOOT: (f32, f32) = (0.78, 0.66);
    const ROUND: f32 = 0.14;
    let x = x.abs();
    let side = segment(x, y, TOP, FOOT, 0.0);
    let base = segment(x, y, (0.0, FOOT.1), FOOT, 0.0);
    let above = (x - TOP.0) * (FOOT.1 - TOP.1) - (y - TOP.1) * (FOOT.0 - TOP.0);
    let within = above < 0.0 && y < FOOT.1;
    let distance = side.min(base);
    (if within { -distance } else { distance }) - ROUND
}

/// An arrow that turns back to the left, round a half circle.
fn returning(x: f32, y: f32) -> f32 {
    let upper = segment(x, y, (-0.28, -0.22), (0.2, -0.22), 0.085);
    let lower = segment(x, y, (-0.3, 0.36), (0.2, 0.36), 0.085);
    let bend = if x >= 0.2 { (circle(x - 0.2, y - 0.07, 0.29)).abs() - 0.085 } else { 1.0 };
    let head = segment(x, y, (-0.42, -0.22), (-0.18, -0.45), 0.085).min(segment(
        x,
        y,
        (-0.42, -0.22),
        (-0.18, 0.01),
        0.085,
    ));
    upper.min(lower).min(bend).min(head)
}

fn chevron(x: f32, y: f32) -> f32 {
    segment(x.abs(), y, (0.0, 0.26), (0.52, -0.26), 0.13)
}

/// The four corners of a frame.
fn corners(x: f32, y: f32, half: f32, arm: f32, stroke: f32) -> f32 {
    let (x, y) = (x.abs(), y.abs());
    segment(x, y, (half, half), (half - arm, half), stroke).min(segment(
        x,
        y,
        (half, half),
        (half, half - arm),
        stroke,
    ))
}

fn viewfinder(x: f32, y: f32) -> f32 {
    let bar = |at: f32, half: f32| round_box(x - at, y, half, 0.44, 0.02);
    let bars = [
        (-0.53, 0.05),
        (-0.36, 0.03),
        (-0.2, 0.07),
        (0.0, 0.03),
        (0.14, 0.05),
        (0.34, 0.08),
        (0.54, 0.04),
    ];
    let code = bars.iter().map(|&(at, half)| bar(at, half)).fold(1.0, f32::min);
    code.min(corners(x, y, 0.88, 0.34, 0.06))
}

fn printer(x: f32, y: f32) -> f32 {
    let body = round_box(x, y - 0.05, 0.85, 0.38, 0.14);
    let paper_in = round_box(x, y + 0.62, 0.5, 0.2, 0.05);
    let slot = round_box(x, y - 0.5, 0.62, 0.42, 0.05);
    let paper_out = round_box(x, y - 0.5, 0.48, 0.36, 0.05);
    body.max(-slot).min(paper_in).min(paper_out)
}

/// A ring, with an arc from `start` over `share` of a turn in `ink` and the rest in `rest`.
fn dial(bounds: Rectangle, start: f32, share: f32, ink: Rgb888, rest: Rgb888, canvas: &mut Canvas) {
    let ring = |x: f32, y: f32| (circle(x, y, 0.88)).abs() - 0.075;
    canvas.shape(bounds, rest, ring);
    if share <= 0.0 {
        return;
    }
    canvas.shape(bounds, ink, |x, y| {
        if share >= 1.0 {
            return ring(x, y);
        }
        // Turned so that the arc lies evenly about the positive x axis.
        let middle = (start + share / 2.0) * TAU - PI / 2.0;
        let (sin, cos) = middle.sin_cos();
        let (along, across) = (x * cos + y * sin, (y * cos - x * sin).abs());
        let half = share * PI;
        if across.atan2(along) <= half {
            return ring(x, y);
        }
        circle(along - 0.88 * half.cos(), across - 0.88 * half.sin(), 0.075)
    });
}
