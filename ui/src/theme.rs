//! Colours, and which of them may stand on which.
//!
//! A [`Pair`] is a surface and what is written on it; screens take text colours from pairs only,
//! and a test holds every pair of every theme to a contrast of 4.5:1 (WCAG 2.1, 1.4.3). QR codes
//! are black on white whatever the theme.

use embedded_graphics::pixelcolor::Rgb888;

use crate::screen::{OutcomeKind, Wallet};

/// A surface, and the colours of what is written on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The surface.
    pub back: Rgb888,
    /// Amounts and titles.
    pub strong: Rgb888,
    /// Everything else.
    pub soft: Rgb888,
}

/// The colours of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The status bar.
    pub(crate) bar: Pair,
    /// The screen itself.
    pub(crate) page: Pair,
    /// Cards on it.
    pub(crate) card: Pair,
    /// The chosen line of a menu or list, and keys.
    pub(crate) accent: Pair,
    /// Something to mind.
    pub(crate) caution: Pair,
    /// Names of keys.
    pub(crate) key: Pair,
    /// What moves, or waits to be typed into, on the page and on cards.
    pub(crate) active: Rgb888,
    /// Lines and rings that carry no meaning.
    pub(crate) rule: Rgb888,
    /// Signs on the page and on cards.
    pub(crate) good: Rgb888,
    /// Signs on the page and on cards.
    pub(crate) bad: Rgb888,
    /// Signs on the page and on cards.
    pub(crate) open: Rgb888,
    /// The bar's sign of a fault.
    pub(crate) bar_bad: Rgb888,
}

const fn rgb(value: u32) -> Rgb888 {
    Rgb888::new((value >> 16) as u8, (value >> 8) as u8, value as u8)
}

const fn pair(back: u32, strong: u32, soft: u32) -> Pair {
    Pair { back: rgb(back), strong: rgb(strong), soft: rgb(soft) }
}

/// The modules of a QR code.
pub(crate) const INK: Rgb888 = rgb(0x000000);
/// Between them, and the quiet zone.
pub(crate) const PAPER: Rgb888 = rgb(0xFFFFFF);

impl Default for Theme {
    fn default() -> Self {
        Theme::LIGHT
    }
}

impl Theme {
    /// Dark on light: the default, best under shop lighting.
    pub const LIGHT: Theme = Theme {
        bar: pair(0x16202E, 0xFFFFFF, 0xC6D0DC),
        page: pair(0xF1F4F8, 0x111B29, 0x4A5768),
        card: pair(0xFFFFFF, 0x111B29, 0x4A5768),
        accent: pair(0x1557D0, 0xFFFFFF, 0xE3ECFF),
        caution: pair(0xFFE7B0, 0x3A2600, 0x5A3D00),
        key: pair(0xDDE4ED, 0x111B29, 0x3D4A5B),
        active: rgb(0x1557D0),
        rule: rgb(0xD3DBE5),
        good: rgb(0x0A7A3E),
        bad: rgb(0xBE1E2D),
        open: rgb(0x8F5600),
        bar_bad: rgb(0xFF8A80),
    };

    /// Light on dark, for dim places.
    pub const DARK: Theme = Theme {
        bar: pair(0x05080C, 0xFFFFFF, 0xB4C0CE),
        page: pair(0x10161F, 0xF4F7FB, 0xAEBBCA),
        card: pair(0x1B2431, 0xF4F7FB, 0xAEBBCA),
        accent: pair(0x1557D0, 0xFFFFFF, 0xE3ECFF),
        caution: pair(0x4A3500, 0xFFE9B8, 0xF5D78F),
        key: pair(0x2A3545, 0xF4F7FB, 0xC3CEDB),
        active: rgb(0x7AB0FF),
        rule: rgb(0x354153),
        good: rgb(0x4CD08A),
        bad: rgb(0xFF8A80),
        open: rgb(0xFFC043),
        bar_bad: rgb(0xFF8A80),
    };

    /// The surface of a result, the same in every theme: it must be known at a glance.
    pub(crate) fn outcome(&self, kind: OutcomeKind) -> Pair {
        match kind {
            OutcomeKind::Paid => pair(0x0A7A3E, 0xFFFFFF, 0xE6F7EC),
            OutcomeKind::NotCharged => pair(0xB3202C, 0xFFFFFF, 0xFFE9E7),
            OutcomeKind::Reversed => pair(0x46536A, 0xFFFFFF, 0xE6ECF5),
            OutcomeKind::Unresolved => pair(0xFFB300, 0x1F1400, 0x3A2600),
            OutcomeKind::Discrepancy => pair(0x6A1B9A, 0xFFFFFF, 0xF3E5F9),
        }
    }

    /// A band on a result's surface, for what must not be missed.
    pub(crate) fn band(&self, kind: OutcomeKind) -> Pair {
        match kind {
            OutcomeKind::Paid => pair(0x075C2E, 0xFFFFFF, 0xE6F7EC),
            OutcomeKind::NotCharged => pair(0x8C141F, 0xFFFFFF, 0xFFE9E7),
            OutcomeKind::Reversed => pair(0x333E52, 0xFFFFFF, 0xE6ECF5),
            OutcomeKind::Unresolved => pair(0x1F1400, 0xFFD166, 0xFFE3A3),
            OutcomeKind::Discrepancy => pair(0x4C1170, 0xFFFFFF, 0xF3E5F9),
        }
    }

    /// A wallet's brand colour: a dot beside its name, never text.
    pub(crate) fn brand(wallet: Wallet) -> Rgb888 {
        match wallet {
            Wallet::Alipay => rgb(0x1677FF),
            Wallet::Wechat => rgb(0x07C160),
            Wallet::UnionPay => rgb(0xE21836),
            Wallet::Baidu => rgb(0x4E6EF2),
            Wallet::BestPay => rgb(0xFF7A00),
            Wallet::Qq => rgb(0x12B7F5),
            Wallet::Jd => rgb(0xE1251B),
            Wallet::Bank => rgb(0x7A5C2E),
            Wallet::Unknown => rgb(0x7C8898),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::RgbColor;

    const KINDS: [OutcomeKind; 5] = [
        OutcomeKind::Paid,
        OutcomeKind::NotCharged,
        OutcomeKind::Reversed,
        OutcomeKind::Unresolved,
        OutcomeKind::Discrepancy,
    ];

    fn luminance(colour: Rgb888) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(one: Rgb888, other: Rgb888) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        if one > other { one / other } else { other / one }
    }

    #[test]
    fn black_on_white_has_the_known_contrast() {
        assert!((contrast(INK, PAPER) - 21.0).abs() < 0.01);
    }

    #[test]
    fn everything_written_stands_out_from_its_surface() {
        for theme in [Theme::LIGHT, Theme::DARK] {
            let Theme {
                bar,
                page,
                card,
                accent,
                caution,
                key,
                rule: _,
                active,
                good,
                bad,
                open,
                bar_bad,
            } = theme;
            let mut pairs = vec![bar, page, card, accent, caution, key];
            pairs.extend(KINDS.iter().flat_map(|&kind| [theme.outcome(kind), theme.band(kind)]));
            for pair in pairs {
                for ink in [pair.strong, pair.soft] {
                    let ratio = contrast(ink, pair.back);
                    assert!(ratio >= 4.5, "{ink:?} on {:?} has only {ratio:.2}:1", pair.back);
                }
            }
            let signs = [(bar.back, bar_bad)].into_iter().chain(
                [page, card]
                    .into_iter()
                    .flat_map(|on| [active, good, bad, open].map(|ink| (on.back, ink))),
            );
            for (back, ink) in signs {
                let ratio = contrast(ink, back);
                assert!(ratio >= 4.5, "the sign {ink:?} on {back:?} has only {ratio:.2}:1");
            }
        }
    }

    #[test]
    fn no_two_results_share_a_surface() {
        let theme = Theme::LIGHT;
        for (at, one) in KINDS.iter().enumerate() {
            for other in &KINDS[at + 1..] {
                assert_ne!(theme.outcome(*one).back, theme.outcome(*other).back);
            }
        }
    }
}
