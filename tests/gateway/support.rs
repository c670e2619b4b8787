//! One terminal, one sale, and short names for verdicts.

use cashier::gateway::{
    Answer, Failed, Gateway, HttpResponse, Kind, OperatorField, ResponseFormat, Settings, Stamp,
};
use cashier::id::{OrderId, RefundId};
use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::{
    Channel, CodeKind, CodeRules, PaymentCode, Refund, RefundRequest, RefundVerdict, Request, Sale,
    Verdict,
};
use cashier::secret::Secret;
use std::time::Duration;

pub const AT: Stamp = Stamp { unix_seconds: 1_473_431_447 };
pub const KEY: &str = "6b1b8f2c3d4e5f60718293a4";
pub const ORDER: &str = "1763640000123ABCDEFGH";
pub const CODE: &str = "284214903060794755";
pub const MERCHANT: &str = "0010000001";
pub const TERMINAL: &str = "1122234-dewls02s2";

pub fn settings(kind: Kind) -> Settings {
    Settings {
        kind,
        base_url: "https://gateway.example/openGateway/openService/".to_owned(),
        merchant_id: MERCHANT.to_owned(),
        store: Some("02016".to_owned()),
        device: "dev01".to_owned(),
        key: Secret::new(KEY.to_owned()),
        terminal_sn: Some(TERMINAL.to_owned()),
        encrypt: None,
        response: ResponseFormat::Json,
        operator_field: OperatorField::OperId,
        notify_url: None,
        paths: cashier::gateway::Paths::default(),
    }
}

pub fn gateway(kind: Kind) -> Gateway {
    Gateway::new(settings(kind)).expect("whole settings")
}

pub fn sale_of(order: &str, fen: i64) -> Sale {
    Sale {
        order: OrderId::parse(order).expect("an order number"),
        amount: Fen::new(fen),
        operator: "oper01".to_owned(),
        subject: "二维码产品支付".to_owned(),
    }
}

pub fn sale() -> Sale {
    sale_of(ORDER, 15800)
}

pub fn code(text: &str, kind: CodeKind) -> PaymentCode {
    CodeRules::default().parse(text, kind).expect("a payment code")
}

pub fn pay(sale: Sale) -> Request {
    Request::Pay { sale, code: code(CODE, CodeKind::Barcode) }
}

pub fn precreate(sale: Sale) -> Request {
    Request::Precreate { sale, channel: Channel::Wechat, life: Duration::from_secs(240) }
}

pub fn query(sale: Sale) -> Request {
    Request::Query { sale }
}

pub fn cancel(sale: Sale) -> Request {
    Request::Cancel { sale }
}

/// The four requests about one sale.
pub fn all(sale: &Sale) -> [Request; 4] {
    [pay(sale.clone()), precreate(sale.clone()), query(sale.clone()), cancel(sale.clone())]
}

pub fn ok(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse { status: 200, body: body.into() }
}

pub fn answer(kind: Kind, request: &Request, body: impl Into<Vec<u8>>) -> Verdict {
    gateway(kind).decode(request, &ok(body))
}

pub fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A verdict in a few words.
pub fn short(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Paid(payment) => match payment.returned {
            Returned::Nothing => "paid".to_owned(),
            Returned::Part(None) => "paid, part returned".to_owned(),
            Returned::Part(Some(fen)) => format!("paid, {} returned", fen.get()),
            Returned::Everything => "paid, all returned".to_owned(),
            Returned::Unclear => "paid, return unclear".to_owned(),
        },
        Verdict::Presented { .. } => "presented".to_owned(),
        Verdict::Declined(decline) => format!("declined {}", decline.why.name()),
        Verdict::Reversed(_) => "reversed".to_owned(),
        Verdict::Pending => "pending".to_owned(),
        Verdict::Unknown(doubt) => format!("unknown {}", doubt.kind.name()),
        Verdict::NotFound => "not found".to_owned(),
    }
}

pub const REFUND: &str = "BBB10898ABCDEFGH0001";

/// One yuan of the sale, with `before` fen given back already.
pub fn refund_of(sale: Sale, fen: i64, before: i64) -> Refund {
    Refund {
        id: RefundId::parse(REFUND).expect("a refund's number"),
        sale,
        amount: Fen::new(fen),
        refunded_before: Fen::new(before),
        gateway_order: None,
        subject: "商户退款".to_owned(),
    }
}

pub fn apply(before: i64) -> RefundRequest {
    RefundRequest::Apply(refund_of(sale(), 100, before))
}

pub fn refund_query(before: i64) -> RefundRequest {
    RefundRequest::Query(refund_of(sale(), 100, before))
}

pub fn refund_answer(
    kind: Kind,
    request: &RefundRequest,
    body: impl Into<Vec<u8>>,
) -> RefundVerdict {
    gateway(kind).decode_refund(request, &ok(body))
}

/// A verdict on a refund in a few words.
pub fn short_refund(verdict: &RefundVerdict) -> String {
    match verdict {
        RefundVerdict::Refunded { .. } => "refunded".to_owned(),
        RefundVerdict::InProgress => "refunding".to_owned(),
        RefundVerdict::Refused(decline) => format!("refused {}", decline.why.name()),
        RefundVerdict::Unknown(doubt) => format!("unknown {}", doubt.kind.name()),
        RefundVerdict::NotFound => "not found".to_owned(),
    }
}

/// What an operation came to, in a few words.
pub fn short_answer(answer: &Result<Answer, Failed>) -> String {
    match answer {
        Ok(_) => "answered".to_owned(),
        Err(Failed::Refused(decline)) => format!("refused {}", decline.why.name()),
        Err(Failed::Unknown(doubt)) => format!("unknown {}", doubt.kind.name()),
        Err(Failed::NotFound) => "not found".to_owned(),
    }
}
