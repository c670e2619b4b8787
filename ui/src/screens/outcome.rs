//! How a sale ended. The result fills the screen; each kind has its own colour, silhouette and
//! word, so that what is not certain can never be taken for paid or for not charged (I3, I4).

use super::{content, keys, panel};
use crate::element::{Align, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, cut_left, inset};
use crate::locale::Text;
use crate::screen::{Outcome, OutcomeKind};

/// The result. On a screen too small for all of it the warning gets smaller first, then the hint
/// goes: any key goes on anyway.
pub(super) fn outcome(frame: &Frame, outcome: &Outcome) -> Vec<Element> {
    let hint = [(Text::KeyAny, Text::DoNextSale)];
    for role in [Role::Title, Role::Strong] {
        let elements = lay(frame, outcome, role, &hint);
        if !elements.iter().any(Element::is_cut) {
            return elements;
        }
    }
    lay(frame, outcome, Role::Strong, &[])
}

/// `warning` is the size of "do not hand over the goods yet".
fn lay(frame: &Frame, outcome: &Outcome, warning: Role, hints: &[keys::Hint]) -> Vec<Element> {
    let kind = outcome.kind;
    let pair = frame.theme.outcome(kind);
    let band = frame.theme.band(kind);
    let mut elements = vec![panel(frame.body(), pair.back, 0)];
    let area = keys::hints(frame, hints, content(frame), pair, band, &mut elements);
    let sign = Part::Figure {
        figure: Figure::of_outcome(kind),
        side_px: frame.scale.amount * 9 / 5,
        ink: pair.strong,
        back: pair.back,
    };
    let words = words(frame, outcome, warning);
    if frame.is_wide() {
        let (left, right) = cut_left(area, area.size.width * 3 / 10);
        let sign = Column::new(frame, Align::Centre).stretch().add(sign).stretch();
        elements.extend(sign.lay(inset(left, frame.scale.gap, 0)));
        elements.extend(words.middle().lay(right));
    } else {
        elements.extend(words.under(sign).lay(area));
    }
    elements
}

fn words<'a>(frame: &'a Frame, outcome: &Outcome, warning: Role) -> Column<'a> {
    let kind = outcome.kind;
    let pair = frame.theme.outcome(kind);
    let word = match kind {
        OutcomeKind::Paid => Text::Paid,
        OutcomeKind::NotCharged => Text::NotCharged,
        OutcomeKind::Reversed => Text::Reversed,
        OutcomeKind::Unresolved => Text::Unresolved,
        OutcomeKind::Discrepancy => Text::Discrepancy,
    };
    let mut column = Column::new(frame, Align::Centre)
        .text(frame.say(word), Role::Result, pair.strong)
        .amount(&outcome.amount, pair.strong)
        .gap(1);
    if let Some(wallet) = outcome.wallet {
        column = column.add(Part::Wallet { wallet, pair: frame.theme.band(kind) }).gap(1);
    }
    if let Some(reason) = outcome.reason {
        column = column.text(frame.say(reason), Role::Strong, pair.strong).gap(1);
    }
    column = advice(frame, outcome, warning, column);
    if let Some(detail) = &outcome.detail {
        column = column.aside(detail.clone(), Role::Caption, pair.soft);
    }
    if !outcome.order.is_empty() {
        let order = format!("{} {}", frame.say(Text::OrderNumber), outcome.order);
        column = column.aside(order, Role::Caption, pair.soft);
    }
    column
}

/// What to do. A result that is not certain says what it means for the goods, whatever else is
/// advised.
fn advice<'a>(
    frame: &'a Frame,
    outcome: &Outcome,
    warning: Role,
    column: Column<'a>,
) -> Column<'a> {
    let kind = outcome.kind;
    let (pair, band) = (frame.theme.outcome(kind), frame.theme.band(kind));
    let banner = |text: Text| Part::Band {
        text: frame.say(text).to_owned(),
        figure: Some(Figure::Triangle),
        role: warning,
        pair: band,
    };
    if kind == OutcomeKind::Unresolved {
        let column = column.add(banner(Text::KeepGoods)).gap(1);
        let column = match outcome.reason {
            // Without a journal nothing is asked any more until the next start.
            Some(Text::JournalUnwritable) => column,
            Some(_) | None => column.text(frame.say(Text::StillChecking), Role::Body, pair.soft),
        };
        return match outcome.advice {
            // Already said, in two parts.
            None | Some(Text::DoNotHandOver | Text::KeepGoods | Text::StillChecking) => {
                column.gap(1)
            }
            Some(other) => column.text(frame.say(other), Role::Body, pair.soft).gap(1),
        };
    }
    match outcome.advice {
        Some(text) => column
            .add(Part::Band {
                text: frame.say(text).to_owned(),
                figure: None,
                role: Role::Strong,
                pair: band,
            })
            .gap(1),
        None => column,
    }
}
