//! What the targets share: one terminal, one sale, every question, and what must hold of whatever
//! comes back (I3, I12, I15).

use cashier::gateway::operation::{
    Activate, AlipayOrder, BatchQuery, Buyer, CheckIn, FlowType, JsapiOrder, Login, OrderKey,
    Recharge, Scene, WapOrder,
};
use cashier::gateway::sosopay::dictionary::ChannelType;
use cashier::gateway::{
    Answer, Extras, Gateway, HttpResponse, Kind, Operation, OperatorField, Paths, ResponseFormat,
    Settings,
};
use cashier::id::{OrderId, RefundId};
use cashier::money::Fen;
use cashier::payment::{
    Channel, CodeKind, CodeRules, Refund, RefundRequest, RefundVerdict, Request, Sale, Verdict,
};
use cashier::secret::Secret;
use std::time::Duration;

/// The merchant's and the terminal's key.
pub const KEY: &str = "6b1b8f2c3d4e5f60718293a4";
/// The order that every seed is about.
pub const ORDER: &str = "1763640000123ABCDEFGH";

/// A gateway with everything configured.
pub fn gateway(kind: Kind) -> Gateway {
    let path = |path: &str| Some(path.to_owned());
    let settings = Settings {
        kind,
        base_url: "https://gateway.example/openGateway/openService/".to_owned(),
        merchant_id: "0010000001".to_owned(),
        store: None,
        device: "dev01".to_owned(),
        key: Secret::new(KEY.to_owned()),
        terminal_sn: Some("1122234-dewls02s2".to_owned()),
        encrypt: None,
        response: ResponseFormat::Json,
        operator_field: OperatorField::OperId,
        notify_url: None,
        paths: Paths {
            batch_query: path("batch"),
            channels: path("channels"),
            login: path("login"),
            recharge: None,
        },
    };
    Gateway::new(settings).expect("whole settings")
}

/// The sale: one fen, as in most of the documents' samples.
pub fn sale() -> Sale {
    Sale {
        order: OrderId::parse(ORDER).expect("a number"),
        amount: Fen::new(1),
        operator: "oper01".to_owned(),
        subject: "a pizza".to_owned(),
    }
}

fn requests() -> Vec<Request> {
    let code = CodeRules::default().parse("284214903060794755", CodeKind::Barcode).expect("a code");
    let life = Duration::from_secs(240);
    vec![
        Request::Pay { sale: sale(), code },
        Request::Precreate { sale: sale(), channel: Channel::Wechat, life },
        Request::Query { sale: sale() },
        Request::Cancel { sale: sale() },
    ]
}

fn refunds() -> Vec<RefundRequest> {
    let refund = |amount: i64, paid: i64, before: i64| Refund {
        id: RefundId::parse("20170622100000235526").expect("a number"),
        sale: Sale { amount: Fen::new(paid), ..sale() },
        amount: Fen::new(amount),
        refunded_before: Fen::new(before),
        gateway_order: None,
        subject: "refund".to_owned(),
    };
    vec![
        RefundRequest::Apply(refund(1, 1, 0)),
        RefundRequest::Query(refund(1, 1, 0)),
        RefundRequest::Query(refund(1, 5, 0)),
        RefundRequest::Query(refund(1, 5, 2)),
    ]
}

fn operations() -> Vec<Operation> {
    let key = || OrderKey::Ours(OrderId::parse(ORDER).expect("a number"));
    let secret = |text: &str| Secret::new(text.to_owned());
    vec![
        Operation::JsapiOrder(JsapiOrder {
            sale: sale(),
            channel: ChannelType::Wechat,
            life: None,
            sub_appid: None,
            sub_openid: "openid".to_owned(),
            extras: Extras::default(),
        }),
        Operation::AlipayOrder(AlipayOrder {
            sale: sale(),
            buyer: Buyer::LogonId("a@b.cn".to_owned()),
            life: None,
            extras: Extras::default(),
        }),
        Operation::WapOrder(WapOrder {
            sale: sale(),
            channel: ChannelType::Wechat,
            life: None,
            scene: Scene::Wap { url: "https://a.cn".to_owned(), name: "a".to_owned() },
            return_url: None,
            customer_ip: [127, 0, 0, 1].into(),
            extras: Extras::default(),
        }),
        Operation::Lookup(key()),
        Operation::Lookup(OrderKey::VerifyCode("1".to_owned())),
        Operation::RefundList(key()),
        Operation::ApplyCancel(sale()),
        Operation::Recharge(Recharge {
            phone: "13857142493".to_owned(),
            megabytes: 10,
            scope: FlowType::National,
            notify_url: None,
        }),
        Operation::BatchQuery(BatchQuery {
            state: None,
            begin: None,
            end: None,
            operator: None,
            channel: None,
            order: None,
            page: 1,
            page_size: 10,
        }),
        Operation::Channels,
        Operation::Login(Login { username: "oper01".to_owned(), password: secret("p") }),
        Operation::Activate(Activate {
            vendor_sn: "v".to_owned(),
            vendor_key: secret("k"),
            app_id: "a".to_owned(),
            code: secret("c"),
            client_sn: None,
            name: None,
        }),
        Operation::CheckIn(CheckIn::default()),
        Operation::Revoke(sale()),
    ]
}

/// Reads a body as the answer to everything that can be asked, and checks what must hold.
pub fn decode_everything(gateway: &Gateway, body: &[u8]) {
    let response = HttpResponse { status: 200, body: body.to_vec() };
    let text = || String::from_utf8_lossy(body).into_owned();
    for request in requests() {
        match gateway.decode(&request, &response) {
            Verdict::Paid(payment) => {
                assert_eq!(payment.amount, request.sale().amount);
                assert!(names_order(&text()));
            }
            Verdict::Presented { qr, .. } => assert!(!qr.is_empty() && qr.len() <= 512),
            Verdict::Declined(decline) | Verdict::Reversed(decline) => bounded(decline.said),
            Verdict::Unknown(doubt) => bounded(doubt.said),
            Verdict::Pending | Verdict::NotFound => {}
        }
    }
    for request in refunds() {
        match gateway.decode_refund(&request, &response) {
            RefundVerdict::Refunded { .. } => assert!(names_order(&text())),
            RefundVerdict::Refused(decline) => bounded(decline.said),
            RefundVerdict::Unknown(doubt) => bounded(doubt.said),
            RefundVerdict::InProgress | RefundVerdict::NotFound => {}
        }
    }
    for operation in operations() {
        if gateway.check_operation(&operation).is_err() {
            continue;
        }
        if let Ok(Answer::JsapiOrder(_) | Answer::AlipayOrder(_) | Answer::WapOrder(_)) =
            gateway.decode_operation(&operation, &response)
        {
            assert!(names_order(&text()));
        }
    }
    assert!(gateway.redact(body).len() <= cashier::gateway::REDACTED_LEN_MAX);
    let _ = gateway.order_state(&response);
}

/// Whether a body has our number in it. A character of it may be written as an escape or a
/// reference, and then this cannot tell.
fn names_order(text: &str) -> bool {
    text.contains(ORDER) || text.contains('\\') || text.contains('&') || text.contains("<!")
}

fn bounded(said: Option<String>) {
    assert!(said.is_none_or(|said| said.chars().count() <= 200));
}
