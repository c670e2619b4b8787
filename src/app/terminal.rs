//! The firmware in the foreground: one loop, one thread, bounded work per turn.
//!
//! Each turn: the timers that are due and their effects; the screen, if it changed; then one input,
//! the gateway's answers first ("payment first in the queue"), then keys, scans and taps.

mod ended;
mod keys;
mod news;
mod order_page;
mod printing;
mod show;
mod sight;

pub(in crate::app) use sight::canvas;

use crate::app::charges::Charges;
use crate::app::config::Config;
use crate::app::devices::{DeviceEvent, Devices};
use crate::app::dimmer::Dimmer;
use crate::app::exec::{Heard, Outward};
use crate::app::notify::{Inbox, Told};
use crate::app::receipts::Receipts;
use crate::app::till::{Notice, Till};
use crate::app::watchdog::{self, Watchdog};
use crate::app::{present, words};
use crate::gateway::FieldError;
use crate::id::OrderId;
use crate::journal::JournalError;
use crate::payment::view::Stage;
use crate::payment::{Channel, CodeKind, Event, Moment, PaymentCode, Request, Sale, Signal};
use hal::{Frame, Level, Tone};
use serde::Serialize;
use std::future::{Future, poll_fn};
use std::time::Duration;
use tokio::sync::watch;
use tracing::{debug, info, warn};
use ui::{Body, Painter, Severity, Text};

/// What the panel and the tests know of the terminal: `state.json` (`contract.md`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct State {
    /// The screen's name.
    pub screen: &'static str,
    /// The amount on the screen, if there is one.
    pub amount_fen: Option<i64>,
    /// The order on the screen, if there is one.
    pub order: Option<String>,
    /// How it ended.
    pub outcome: Option<&'static str>,
    /// The text of the QR on the screen.
    pub qr: Option<String>,
    /// The countdown on the screen.
    pub seconds_left: Option<u32>,
    /// How many charges are unresolved.
    pub open: usize,
    /// Whether the gateway was reached when last tried; true before the first time.
    pub online: bool,
}

/// The terminal.
pub struct Terminal {
    config: Config,
    charges: Charges,
    devices: Devices,
    till: Till,
    painter: Painter,
    frame: Frame,
    state: watch::Sender<State>,
    /// The screen has to be drawn again.
    stale: bool,
    /// What is painted was not shown, because the display failed.
    unshown: bool,
    /// What is not on paper yet.
    receipts: Receipts,
    dimmer: Dimmer,
    /// The brightness that was set last.
    brightness: Option<Level>,
    /// The gateway's notifications, if anything listens.
    notifications: Option<Inbox>,
    /// When a connection was last opened ahead.
    primed_at: Option<Moment>,
    /// Whoever wants to know that the till is ready and alive.
    watchdog: Watchdog,
}

enum Input {
    Heard(Heard),
    Told(Told),
    Device(DeviceEvent),
    Due,
}

/// How often other tasks get a turn until a request over an open connection is in the socket: its
/// own task, the client's and the connection's, a few times each.
const REQUEST_STEPS: usize = 8;

/// While a code is awaited, a connection opened ahead is renewed this often.
const PRIME_EVERY: Duration = Duration::from_secs(10);

impl Terminal {
    /// A terminal that takes up what was open; nothing is drawn or asked yet.
    pub fn new(
        config: Config,
        mut charges: Charges,
        devices: Devices,
    ) -> Result<(Terminal, watch::Receiver<State>), JournalError> {
        charges.restore(&config.policy)?;
        let (painter, frame) = canvas(devices.display.geometry(), config.locale);
        let (state, watched) = watch::channel(State::default());
        let dimmer = Dimmer::new(&config.devices.backlight, charges.exec().clock().now());
        let till = Till::new(presentable(&config.present_channel));
        let mut terminal = Terminal {
            frame,
            config,
            charges,
            devices,
            till,
            painter,
            state,
            stale: true,
            unshown: true,
            receipts: Receipts::default(),
            dimmer,
            brightness: None,
            notifications: None,
            primed_at: None,
            watchdog: Watchdog::none(),
        };
        terminal.tell_restored();
        // Whoever asks before the first frame hears of what is open, too.
        terminal.tell_state(&terminal.body());
        Ok((terminal, watched))
    }

    /// Takes the gateway's notifications from here.
    pub fn listen(&mut self, notifications: Inbox) {
        self.notifications = Some(notifications);
    }

    /// Tells the init system how the till is from now on.
    pub fn watch(&mut self, watchdog: Watchdog) {
        self.watchdog = watchdog;
    }

    /// Runs until `stop`, then lets go of the journal.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            while let Some((order, outward)) = self.charges.fire_due() {
                self.outward(&order, outward);
            }
            self.prime_if_due();
            self.let_requests_out().await;
            self.set_light();
            self.draw();
            self.charges.write_notes();
            self.say_alive();
            let input = tokio::select! {
                biased;
                () = &mut stop => break,
                input = self.input() => input,
            };
            self.take(input);
        }
        self.watchdog.stopping();
        info!("stopping; what is open is taken up at the next start");
        self.charges.close();
    }

    /// A request goes out before the screen is drawn: the customer waits for the one, and nobody
    /// sees the other sooner.
    async fn let_requests_out(&mut self) {
        if self.charges.exec_mut().take_unsent() {
            for _ in 0..REQUEST_STEPS {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn input(&mut self) -> Input {
        let wake = self.next_wake().map(|at| self.charges.exec().clock().instant(at));
        let sleep = async {
            match wake {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            heard = self.charges.exec_mut().heard() => Input::Heard(heard),
            Some(told) = news::next_told(&mut self.notifications) => Input::Told(told),
            event = poll_fn(|cx| self.devices.poll_event(cx)) => Input::Device(event),
            () = sleep => Input::Due,
        }
    }

    fn take(&mut self, input: Input) {
        self.stir_light(&input);
        match input {
            Input::Told(told) => self.told(told),
            Input::Heard(Heard::Reached) => self.stale = true,
            Input::Heard(Heard::Answer(answer)) => {
                let (order, outward) = self.charges.answered(*answer);
                self.outward(&order, outward);
                self.stale = true;
            }
            Input::Device(DeviceEvent::Key(key)) => {
                debug!(%key, "key");
                if self.key_counts(key) {
                    self.key(key);
                    self.stale = true;
                }
            }
            Input::Device(DeviceEvent::Read(reading, kind)) => self.scanned(&reading.text, kind),
            Input::Device(DeviceEvent::Dropped(reason)) => {
                debug!(%reason, "scan dropped");
                self.refuse_scan(Text::ScanNoRead);
            }
            Input::Device(DeviceEvent::Tapped(token)) => self.scanned(&token, CodeKind::Nfc),
            Input::Device(DeviceEvent::TapFailed(fault)) => {
                debug!(%fault, "tap failed");
                self.refuse_scan(words::not_a_tap(fault));
            }
            Input::Device(DeviceEvent::Printer(event)) => {
                self.printer_said(&event);
                self.stale = true;
            }
            Input::Device(DeviceEvent::DisplayChanged) => self.display_changed(),
            Input::Device(DeviceEvent::HealthChanged) | Input::Due => self.stale = true,
        }
    }

    fn now(&self) -> Moment {
        self.charges.exec().clock().now()
    }

    /// A scan counts only while a code is awaited, and only if it is one (I16).
    fn scanned(&mut self, text: &str, kind: CodeKind) {
        let Some(order) = self.awaiting_code() else {
            debug!("a scan that nobody awaits");
            return;
        };
        if !self.scan_counts() {
            return;
        }
        let code = match self.config.codes.parse(text, kind) {
            Ok(code) => code,
            Err(refusal) => return self.refuse_scan(words::not_a_code(refusal)),
        };
        if let Err(error) = self.check_code(&order, &code) {
            warn!(%order, %error, "the gateway cannot take this code");
            return self.refuse_scan(Text::ScanIsNotACode);
        }
        if let Channel::Unknown(_) = code.channel()
            && kind == CodeKind::Barcode
        {
            self.till.caution(Some(Text::ScanUnknownWallet));
        }
        self.devices.await_code(false);
        let outward = self.charges.handle(&order, Event::Scanned(code));
        self.outward(&order, outward);
        self.stale = true;
    }

    fn check_code(&self, order: &OrderId, code: &PaymentCode) -> Result<(), FieldError> {
        let Some(charge) = self.charges.get(order) else { return Ok(()) };
        let request = Request::Pay { sale: charge.sale().clone(), code: code.clone() };
        self.charges.exec().gateway().check(&request)
    }

    fn refuse_scan(&mut self, why: Text) {
        if self.awaiting_code().is_some() {
            self.till.caution(Some(why));
            self.beep(&[Tone::new(400, 200)]);
            self.stale = true;
        }
    }

    fn awaiting_code(&self) -> Option<OrderId> {
        let order = self.till.sale()?;
        let view = self.charges.get(order)?.view();
        matches!(view.stage, Stage::AwaitCode { .. }).then(|| order.clone())
    }

    /// What a charge wants of the cashier.
    fn outward(&mut self, order: &OrderId, outward: Vec<Outward>) {
        let in_front = self.till.sale() == Some(order);
        if !outward.is_empty() {
            self.dimmer.stir(self.now());
        }
        for one in outward {
            self.stale = true;
            match one {
                Outward::Show(view) => self.contradicted(&view),
                Outward::Signal(signal) => self.signal(signal),
                Outward::Print(payment) => self.print(order, &payment),
                Outward::Finish { outcome, view } => self.finished(&outcome, view, in_front),
                Outward::ShowRefund(view) => self.refund_contradicted(&view),
                Outward::FinishRefund { outcome, view } => self.refund_finished(&outcome, &view),
            }
        }
    }

    fn signal(&mut self, signal: Signal) {
        let tones: &[Tone] = match signal {
            Signal::Accepted => &[Tone::new(2_000, 60)],
            Signal::Refunded => &[Tone::new(1_600, 120), Tone::new(1_200, 240)],
            Signal::Paid => &[Tone::new(1_200, 120), Tone::new(1_600, 120), Tone::new(2_000, 240)],
            Signal::NotCharged => &[Tone::new(600, 250), Tone::new(400, 400)],
            Signal::Unresolved => {
                &[Tone::new(900, 200), Tone::rest(100), Tone::new(900, 200), Tone::rest(100)]
            }
            Signal::Alarm => &[Tone::new(1_500, 80), Tone::rest(60), Tone::new(1_500, 80)],
        };
        self.beep(tones);
    }

    fn beep(&mut self, tones: &[Tone]) {
        if let Some(beeper) = &mut self.devices.beeper
            && let Err(fault) = beeper.play(tones)
        {
            debug!(%fault, "no beep");
        }
    }

    /// Opens a connection ahead while a code is awaited, so that the charge costs one round trip.
    fn prime_if_due(&mut self) {
        let now = self.now();
        let fresh = self.primed_at.is_some_and(|at| now.since(at) < PRIME_EVERY);
        if self.awaiting_code().is_some() && !fresh {
            self.prime();
        }
    }

    fn prime(&mut self) {
        self.primed_at = Some(self.now());
        self.charges.exec_mut().prime();
    }

    fn tell_state(&self, body: &Body) {
        let state = self.state_of(body);
        self.state.send_if_modified(|told| {
            let changed = *told != state;
            *told = state;
            changed
        });
    }

    /// When the terminal has to wake by itself: a charge's timer, the next second of a countdown,
    /// the next minute of the clock, the watchdog.
    fn next_wake(&self) -> Option<Moment> {
        let now = self.now();
        let shown = self.till.sale().and_then(|order| self.charges.get(order));
        let tick = shown.and_then(|charge| present::next_tick(now, &charge.view()));
        let to_next_minute = 60_000 - self.charges.exec().clock().unix_ms() % 60_000;
        let minute = now + Duration::from_millis(to_next_minute);
        let own = [self.dimmer.due(), self.watchdog.wake_at()].into_iter().flatten();
        self.charges.next_timeout().into_iter().chain(tick).chain(own).chain([minute]).min()
    }

    /// The last step of a turn: whoever hears of it knows that all of the others were done.
    fn say_alive(&mut self) {
        let now = self.now();
        let seen = self.is_seen();
        let (charges, devices) = (&self.charges, &self.devices);
        self.watchdog.turned(now, || {
            let (exec, open) = (charges.exec(), charges.open());
            watchdog::status(exec.may_sell(), seen, exec.online(), open, &devices.report())
        });
    }

    fn new_sale(&mut self, amount: crate::money::Fen) -> Option<Sale> {
        match new_order(self.charges.exec().clock().unix_ms()) {
            Ok(order) => Some(Sale {
                order,
                amount,
                operator: self.config.operator.clone(),
                subject: self.config.merchant_name.clone(),
            }),
            Err(error) => {
                warn!(%error, "no entropy for an order number");
                self.till.read(Notice {
                    title: Text::SalesStopped,
                    lines: vec![error.to_string()],
                    advice: Some(Text::CallIntegrator),
                    severity: Severity::Bad,
                });
                None
            }
        }
    }
}

/// A new order number (I2).
pub fn new_order(unix_ms: u64) -> Result<OrderId, getrandom::Error> {
    let mut entropy = [0; 10];
    getrandom::fill(&mut entropy)?;
    Ok(OrderId::generate(unix_ms, entropy))
}

/// The wallets that a QR can be shown for, the configured one first.
fn presentable(first: &Channel) -> Vec<Channel> {
    let common = [Channel::Wechat, Channel::Alipay, Channel::UnionPay, Channel::Jd];
    let others = common.into_iter().filter(|channel| channel != first);
    std::iter::once(first.clone()).chain(others).collect()
}
