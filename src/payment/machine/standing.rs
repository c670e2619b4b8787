//! How a charge stands: what others may ask of it, and nothing that changes it.

use super::{Charge, Doubt, Moment, Outcome, Sale, State};
use crate::payment::view::{Stage, View};

impl Charge {
    /// The sale.
    pub fn sale(&self) -> &Sale {
        &self.sale
    }

    /// Whether nothing more can come of it: ended, and nothing asked, suspected or being written.
    /// One that the journal halted stays, so that it is counted until the next start takes it up.
    pub fn is_done(&self) -> bool {
        let ended = matches!(self.state, State::Settled { .. } | State::Halted { .. });
        ended && !self.is_unresolved() && self.poll_timeout().is_none() && self.storing.is_none()
    }

    /// Why it is not known, as of the last answer.
    pub fn doubt(&self) -> &Doubt {
        &self.doubt
    }

    /// Whether an answer is being waited for.
    pub fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// From when on every answer proves as much as it ever will.
    pub fn doubt_ends(&self) -> Moment {
        let asks = self.asked.iter().map(|asked| asked.deadline);
        asks.fold(self.doubtful_until.max(self.cancel_until), Moment::max)
    }

    /// Whether it is open and nobody waits in front of it: parked, or halted by the journal.
    pub fn is_unresolved(&self) -> bool {
        match &self.state {
            State::Parked { .. } => true,
            State::Halted { outcome } => !outcome.is_final(),
            State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Charging { .. }
            | State::Presenting { .. }
            | State::Confirming { .. }
            | State::Reversing { .. }
            | State::Settled { .. } => false,
        }
    }

    /// Whether it has been given to the resolver.
    pub fn is_parked(&self) -> bool {
        matches!(self.state, State::Parked { .. })
    }

    /// What it shows of itself.
    pub fn view(&self) -> View {
        let stage = match &self.state {
            State::AwaitCode { until } => Stage::AwaitCode { until: *until },
            State::Recording { since, channel, presenting: false } => {
                Stage::Charging { since: *since, channel: channel.clone() }
            }
            State::Recording { since, channel, presenting: true } => {
                let until = *since + self.precreate_timeout();
                Stage::Presenting { qr: None, channel: channel.clone(), until }
            }
            State::Charging { since, channel, .. } => {
                Stage::Charging { since: *since, channel: channel.clone() }
            }
            State::Presenting { qr, channel, until, .. } => {
                Stage::Presenting { qr: qr.clone(), channel: channel.clone(), until: *until }
            }
            State::Confirming { until, .. } => Stage::Confirming { until: *until },
            State::Reversing { since, .. } => Stage::Reversing { since: *since },
            State::Parked { .. } => Stage::Ended(Outcome::Unresolved(self.doubt.clone())),
            State::Settled { outcome, found: Some(found), .. } => {
                Stage::Contradicted { outcome: outcome.clone(), found: found.clone() }
            }
            State::Settled { outcome, found: None, .. } | State::Halted { outcome } => {
                Stage::Ended(outcome.clone())
            }
        };
        let voids = self.voiding.is_some();
        View { order: self.sale.order.clone(), amount: self.sale.amount, stage, voids }
    }
}
