//! When the machine wants to be woken, and what it does then. Every open state has a deadline (I7).

use super::{AskError, Charge, Decline, State, Why};
use crate::payment::timer::{Moment, Timer};

impl Charge {
    /// When to call [`Charge::handle_timeout`] next, and what for.
    pub fn poll_timeout(&self) -> Option<(Moment, Timer)> {
        if self.storing.is_some() {
            return None; // Nothing happens before the entry is durable (I1).
        }
        let asks = self.asked.iter().map(|asked| (asked.deadline, Timer::Ask));
        asks.chain(self.state_timers()).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        while let Some((at, timer)) = self.poll_timeout() {
            if at > now {
                break;
            }
            self.fire(now, timer);
        }
    }

    fn state_timers(&self) -> impl Iterator<Item = (Moment, Timer)> {
        let (end, next) = match &self.state {
            State::AwaitCode { until } => (Some((*until, Timer::AwaitCode)), None),
            State::Charging { until, poll, .. } => {
                (Some((*until, Timer::Charge)), poll.due().map(|at| (at, Timer::Poll)))
            }
            State::Presenting { qr: None, until, .. } => (Some((*until, Timer::Charge)), None),
            State::Presenting { qr: Some(_), until, poll, .. } => {
                (Some((*until, Timer::Present)), poll.due().map(|at| (at, Timer::Poll)))
            }
            State::Confirming { until, poll } => {
                (Some((*until, Timer::Confirm)), poll.due().map(|at| (at, Timer::Poll)))
            }
            State::Reversing { until, reversal, .. } => (
                Some((*until, Timer::Reverse)),
                reversal.paused_until().map(|at| (at, Timer::Poll)),
            ),
            State::Parked { reversal, .. } => {
                (None, reversal.paused_until().map(|at| (at, Timer::Resolve)))
            }
            State::Settled { audit, .. } => {
                (None, audit.paused_until().map(|at| (at, Timer::Poll)))
            }
            State::Recording { .. } | State::Halted { .. } => (None, None),
        };
        end.into_iter().chain(next)
    }

    fn fire(&mut self, now: Moment, timer: Timer) {
        match timer {
            Timer::Ask => {
                let overdue = self.asked.iter().find(|asked| asked.deadline <= now);
                if let Some(ask) = overdue.map(|asked| asked.id) {
                    self.on_answered(now, ask, Err(AskError::MaybeSent));
                }
            }
            Timer::AwaitCode => {
                let why = Decline::ours(Why::AwaitTimeout);
                self.transition_to_settled(super::Outcome::NotCharged(why));
            }
            Timer::Charge => match self.state {
                // A QR that did not come in time: close the order that may exist.
                State::Presenting { .. } => {
                    self.transition_to_reversing(now, Decline::ours(Why::TradeFailed));
                }
                State::Charging { .. } => {
                    self.transition_to_confirming(now, self.policy.poll_first);
                }
                State::AwaitCode { .. }
                | State::Recording { .. }
                | State::Confirming { .. }
                | State::Reversing { .. }
                | State::Parked { .. }
                | State::Settled { .. }
                | State::Halted { .. } => {}
            },
            Timer::Present => self.transition_to_reversing(now, Decline::ours(Why::QrExpired)),
            Timer::Confirm => {
                self.transition_to_reversing(now, Decline::ours(Why::CancelledOnTimeout));
            }
            Timer::Reverse => self.park(),
            Timer::Poll | Timer::Resolve => self.fire_poll(now),
        }
    }

    fn fire_poll(&mut self, now: Moment) {
        match &mut self.state {
            State::Charging { poll, .. }
            | State::Presenting { poll, .. }
            | State::Confirming { poll, .. } => {
                poll.asked();
                self.ask_query(now);
            }
            State::Reversing { .. } | State::Parked { .. } => self.reversal_resume(now),
            State::Settled { .. } => self.ask_audit(now),
            State::AwaitCode { .. } | State::Recording { .. } | State::Halted { .. } => {}
        }
    }
}
