//! When the machine wants to be woken, and what it does then. Every open state has a deadline (I7).

use super::{AskKind, Refunding, State};
use crate::payment::event::AskError;
use crate::payment::timer::{Moment, Timer};

impl Refunding {
    /// When to call [`Refunding::handle_timeout`] next, and what for.
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
            State::Applying { until, poll, .. } => {
                (Some((*until, Timer::Charge)), poll.due().map(|at| (at, Timer::Poll)))
            }
            State::Confirming { until, poll, .. } => {
                (Some((*until, Timer::Confirm)), poll.due().map(|at| (at, Timer::Poll)))
            }
            State::Parked { poll, .. } => (None, poll.due().map(|at| (at, Timer::Resolve))),
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
            Timer::Charge => self.transition_to_confirming(now, self.policy.poll_first),
            Timer::Confirm => self.confirm_ended(),
            Timer::Poll | Timer::Resolve => self.fire_poll(now),
            // Timers of a charge.
            Timer::AwaitCode | Timer::Present | Timer::Reverse => {}
        }
    }

    /// The cashier has waited long enough, unless it is soon proven that the gateway never had it.
    fn confirm_ended(&mut self) {
        let proven_by = self.doubtful_until + self.policy.query_timeout;
        match &mut self.state {
            State::Confirming { until, .. } if self.missing && *until < proven_by => {
                *until = proven_by;
                self.show();
            }
            State::Recording { .. }
            | State::Applying { .. }
            | State::Confirming { .. }
            | State::Parked { .. }
            | State::Settled { .. }
            | State::Halted { .. } => self.park(),
        }
    }

    fn fire_poll(&mut self, now: Moment) {
        match &mut self.state {
            State::Applying { poll, .. }
            | State::Confirming { poll, .. }
            | State::Parked { poll, .. } => {
                poll.asked();
                self.ask(now, AskKind::Query);
            }
            State::Settled { .. } => self.ask_audit(now),
            State::Recording { .. } | State::Halted { .. } => {}
        }
    }
}
