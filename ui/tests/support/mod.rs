//! Shared by the tests: a draw target that keeps its pixels and remembers what was touched, and one
//! screen of each kind.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use ui::*;

pub const SIZES: [Size; 4] =
    [Size::new(320, 240), Size::new(480, 272), Size::new(480, 800), Size::new(800, 480)];
pub const LOCALES: [Locale; 2] = [Locale::ZhCn, Locale::En];

/// Pixels in memory. Drawing outside of it is a mistake and panics.
pub struct Glass {
    pub size: Size,
    pub pixels: Vec<Rgb888>,
    pub touched: Vec<Rectangle>,
}

impl Glass {
    /// All in a colour that no theme has, so that what was never drawn shows.
    pub fn new(size: Size) -> Glass {
        let pixels = vec![Rgb888::new(255, 0, 255); (size.width * size.height) as usize];
        Glass { size, pixels, touched: Vec::new() }
    }

    pub fn painted(size: Size, locale: Locale, theme: Theme, screen: &Screen) -> Glass {
        let mut glass = Glass::new(size);
        let Ok(_) = Painter::new(size, locale, theme).paint(screen, &mut glass);
        glass
    }

    pub fn at(&self, x: u32, y: u32) -> Rgb888 {
        self.pixels[(y * self.size.width + x) as usize]
    }

    fn set(&mut self, point: Point, colour: Rgb888) {
        assert!(self.bounding_box().contains(point), "{point:?} is outside of the screen");
        let at = point.y as usize * self.size.width as usize + point.x as usize;
        self.pixels[at] = colour;
    }
}

impl OriginDimensions for Glass {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Glass {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(point, colour) in pixels {
            self.touched.push(Rectangle::new(point, Size::new_equal(1)));
            self.set(point, colour);
        }
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colours: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        self.touched.push(*area);
        for (point, colour) in area.points().zip(colours) {
            self.set(point, colour);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Infallible> {
        self.fill_contiguous(area, std::iter::repeat(colour))
    }
}

pub fn status() -> StatusBar {
    StatusBar {
        network: Light::Good,
        scanner: Light::Good,
        printer: Light::Good,
        open: 0,
        clock: Some("12:34".into()),
        warning: None,
        trouble: None,
    }
}

pub fn screen(body: Body) -> Screen {
    Screen { status: status(), body }
}

pub fn outcome(kind: OutcomeKind, reason: Option<Text>, advice: Option<Text>) -> Outcome {
    Outcome {
        kind,
        amount: "1280.50".into(),
        wallet: Some(Wallet::Wechat),
        reason,
        detail: None,
        advice,
        order: "0001-000027-7F3K".into(),
    }
}

pub const WECHAT_QR: &str = "weixin://wxpay/bizpayurl?pr=AbC12dE";
pub const ALIPAY_QR: &str = "https://qr.alipay.com/bax03431ljhokirwl38f00a7";
pub const UNIONPAY_QR: &str = "https://qr.95516.com/00010000/01216849530493174936127589146212";

fn row(left: &str, right: &str, mark: Mark) -> Row {
    Row { left: left.into(), right: right.into(), mark }
}

pub fn rows() -> Vec<Row> {
    vec![
        row("12:31  000027", "¥1280.50", Mark::Paid),
        row("12:18  000026", "¥36.00", Mark::Open),
        row("12:02  000025", "¥9.90", Mark::NotCharged),
        row("11:47  000024", "¥128.00", Mark::Refunded),
        row("11:40  000023", "¥54.30", Mark::Paid),
        row("11:32  000022", "¥18.00", Mark::Paid),
        row("11:15  000021", "¥260.00", Mark::Paid),
        row("10:58  000020", "¥75.00", Mark::None),
    ]
}

/// One screen of each kind, with the name of its picture.
pub fn gallery() -> Vec<(&'static str, Screen)> {
    let amount = || "1280.50".to_owned();
    let mut troubled = screen(Body::Idle { merchant: "达美乐披萨".into() });
    troubled.status = StatusBar {
        network: Light::Bad,
        scanner: Light::Bad,
        printer: Light::Good,
        open: 3,
        clock: Some("12:34".into()),
        warning: Some(Warning::TestGateway),
        trouble: Some(Text::ScannerAbsent),
    };
    let item = |text| MenuItem { text };
    let mut paid = outcome(OutcomeKind::Paid, None, Some(Text::HandOverGoods));
    paid.wallet = Some(Wallet::Alipay);
    let mut declined =
        outcome(OutcomeKind::NotCharged, Some(Text::InsufficientFunds), Some(Text::AskOtherWallet));
    declined.detail = Some("BUYER_BALANCE_NOT_ENOUGH".into());
    let list = |title, rows, selected| Body::List { title, rows, selected };
    let mut bodies = vec![
        ("starting", Body::Starting),
        ("idle", Body::Idle { merchant: "达美乐披萨（人民广场店）".into() }),
        ("amount", Body::Amount { amount: "1280.5".into(), wallet: Wallet::Wechat, problem: None }),
        (
            "amount-problem",
            Body::Amount {
                amount: "99999999".into(),
                wallet: Wallet::Alipay,
                problem: Some(Text::AmountTooBig),
            },
        ),
        (
            "await-code",
            Body::AwaitCode { amount: amount(), seconds_left: 45, tap: true, caution: None },
        ),
        (
            "await-code-caution",
            Body::AwaitCode {
                amount: amount(),
                seconds_left: 38,
                tap: true,
                caution: Some(Text::ScanIsProduct),
            },
        ),
        (
            "charging",
            Body::Charging {
                amount: amount(),
                wallet: Some(Wallet::Alipay),
                seconds: 3,
                caution: None,
            },
        ),
        (
            "present",
            Body::Present {
                amount: amount(),
                wallet: Wallet::Wechat,
                qr: Some(WECHAT_QR.into()),
                seconds_left: 231,
            },
        ),
        (
            "present-fetching",
            Body::Present {
                amount: amount(),
                wallet: Wallet::UnionPay,
                qr: None,
                seconds_left: 240,
            },
        ),
        ("confirming", Body::Confirming { amount: amount(), seconds_left: 42 }),
        ("reversing", Body::Reversing { amount: amount(), seconds: 5 }),
        ("paid", Body::Outcome(paid)),
        ("not-charged", Body::Outcome(declined)),
        (
            "reversed",
            Body::Outcome(outcome(
                OutcomeKind::Reversed,
                Some(Text::CancelledOnTimeout),
                Some(Text::TryAgain),
            )),
        ),
        (
            "unresolved",
            Body::Outcome(outcome(
                OutcomeKind::Unresolved,
                Some(Text::NoAnswer),
                Some(Text::DoNotHandOver),
            )),
        ),
        (
            "discrepancy",
            Body::Outcome(outcome(
                OutcomeKind::Discrepancy,
                Some(Text::PaidAfterReversal),
                Some(Text::OfferRefund),
            )),
        ),
        (
            "menu",
            Body::Menu {
                items: [
                    Text::OpenCharges,
                    Text::LastSales,
                    Text::SettleOpen,
                    Text::Reprint,
                    Text::Health,
                    Text::Language,
                ]
                .map(item)
                .into(),
                selected: 1,
            },
        ),
        ("list", list(Text::LastSales, rows(), 1)),
        ("list-empty", list(Text::OpenCharges, Vec::new(), 0)),
        (
            "notice",
            Body::Notice {
                title: Text::JournalUnwritable,
                lines: vec!["journal.db: ENOSPC".into()],
                advice: Some(Text::StopSelling),
                severity: Severity::Bad,
            },
        ),
    ];
    bodies.push((
        "detail",
        Body::Notice {
            title: Text::SaleDetail,
            lines: [
                "未收款 ¥9.90",
                "单号 0001-000025-7F3K",
                "顾客余额不足",
                "BUYER_BALANCE_NOT_ENOUGH",
                "7895036528136428",
            ]
            .map(String::from)
            .into(),
            advice: Some(Text::AskOtherWallet),
            severity: Severity::Info,
        },
    ));
    let mut gallery: Vec<_> = bodies.into_iter().map(|(name, body)| (name, screen(body))).collect();
    gallery.push(("idle-troubled", troubled));
    gallery
}
