//! The fields of one-shot operations, checked before anything is written.

use crate::operations::*;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::sosopay::dictionary::ChannelType;
use cashier::gateway::{FieldError, Gateway, Kind, Operation, OperationError};
use cashier::money::Fen;
use std::time::Duration;

fn field_error(gateway: &Gateway, operation: &Operation) -> String {
    match gateway.check_operation(operation) {
        Err(OperationError::Field(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_fields_of_orders_are_checked_with_their_limits() {
    let jsapi_with = |change: fn(&mut JsapiOrder)| {
        let mut order = jsapi();
        change(&mut order);
        field_error(&whole(), &Operation::JsapiOrder(order))
    };
    let error = jsapi_with(|order| order.sub_openid = String::new());
    assert_eq!(error, "subOpenid must not be empty");
    let error = jsapi_with(|order| order.life = Some(Duration::from_secs(119)));
    assert_eq!(error, "TIME_EXPIRE takes 120 to 86400 seconds, and 119 were given");
    let error = jsapi_with(|order| order.channel = ChannelType::Auto);
    assert_eq!(
        error,
        "CHANNEL_TYPE must be a channel of appendix 2 other than 0, and \"0\" was given"
    );
    let error = jsapi_with(|order| order.sale.amount = Fen::ZERO);
    assert_eq!(error, "AMT cannot be 0.00 yuan: an amount of zero cannot be charged");
    let error = jsapi_with(|order| order.extras.life = order.life);
    assert_eq!(
        error,
        "TIME_EXPIRE must be given once: as the order's own life, and \"120\" was given"
    );
    let error = jsapi_with(|order| order.extras.reflect = Some("x".to_owned()));
    assert_eq!(error, "reflect: sosopay-json has no such field; leave it out");

    for id in ["208812345678901", "20881234567890123", "2188123456789012", "2088abcdefghijkl"] {
        let buyer = Buyer::UserId(id.to_owned());
        let operation = Operation::AlipayOrder(AlipayOrder { buyer, ..alipay() });
        let error = field_error(&whole(), &operation);
        assert_eq!(
            error,
            format!("buyerId must be 16 digits that start with 2088, and {id:?} was given")
        );
    }
    let [(page, _), ..] = scenes();
    let mut order = wap(page);
    order.life = Some(Duration::from_secs(299));
    let error = field_error(&whole(), &Operation::WapOrder(order.clone()));
    assert_eq!(error, "TIME_EXPIRE takes 300 to 86400 seconds, and 299 were given");
    order.life = None;
    order.return_url = Some("ftp://x".to_owned());
    let error = field_error(&whole(), &Operation::WapOrder(order.clone()));
    assert_eq!(
        error,
        "RETURN_URL must be an address with http:// or https://, and \"ftp://x\" was given"
    );
    order.return_url = None;
    order.scene = Scene::Ios { app_name: "a".to_owned(), bundle_id: "a b".to_owned() };
    let error = field_error(&whole(), &Operation::WapOrder(order));
    assert_eq!(error, "bundle_id must not have the character U+0020");
}

#[test]
fn the_fields_of_the_others_are_checked_with_their_limits() {
    let recharge_with = |change: fn(&mut Recharge)| {
        let mut it = recharge();
        change(&mut it);
        field_error(&whole(), &Operation::Recharge(it))
    };
    let error = recharge_with(|it| it.phone = "1381234567".to_owned());
    assert_eq!(
        error,
        "phoneNo must be a mobile number: 11 digits that start with 1, and \"1381234567\" was given"
    );
    let error = recharge_with(|it| it.megabytes = 0);
    assert_eq!(error, "flowVal takes 1 to 1048576, and 0 was given");
    let error = recharge_with(|it| it.scope = FlowType::read("2"));
    assert_eq!(error, "flowType must be 0 or 1, and \"2\" was given");

    let batch_with = |change: fn(&mut BatchQuery)| {
        let mut it = batch();
        change(&mut it);
        field_error(&whole(), &Operation::BatchQuery(it))
    };
    let error = batch_with(|it| it.page = 0);
    assert_eq!(error, "PageNum takes 1 to 4294967295, and 0 was given");
    let error = batch_with(|it| it.page_size = 101);
    assert_eq!(error, "pageSize takes 1 to 100, and 101 was given");
    let error = batch_with(|it| {
        it.begin = Date::parse("2016-02-01");
        it.end = Date::parse("2016-01-31");
    });
    assert_eq!(error, "endDate must be beginDate or a later day, and \"2016-01-31\" was given");

    let upay = gateway(Kind::Shouqianba);
    let sn = |text: &str| Operation::Lookup(OrderKey::Gateways(text.to_owned()));
    let error = field_error(&upay, &sn("12345678901234567"));
    assert_eq!(error, "sn takes at most 16 characters, and 17 were given");
    let voucher = || OrderKey::VerifyCode("1".to_owned());
    let error = field_error(&whole(), &Operation::RefundList(voucher()));
    assert!(error.starts_with("serType must be 0 or 1"), "{error}");
    let field = "serType";
    let refused = gateway(Kind::SosopayXml).check_operation(&Operation::Lookup(voucher()));
    let error = FieldError::NotCarried { field, gateway: "sosopay-xml" };
    assert_eq!(refused, Err(OperationError::Field(error)));
    // It has a query, and none by vouchers.
    let error = field_error(&upay, &Operation::Lookup(voucher()));
    assert_eq!(error, "verifyCodes: shouqianba has no such field; leave it out");
    let mut it = activate();
    it.vendor_key = secret("");
    assert_eq!(field_error(&upay, &Operation::Activate(it)), "vendor_key must not be empty");
}
