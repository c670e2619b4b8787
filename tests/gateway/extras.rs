//! What a charge may carry beyond what it needs: JSON zh tables 2.3, 3.3, 9.1; XML v1 §2; Upay v2
//! §3-2.2, §3-6.2.

use crate::support::*;
use cashier::gateway::{Extras, FieldError, Gateway, Goods, Kind, MerchantPara};
use cashier::money::Fen;
use cashier::payment::Request;
use std::time::Duration;

pub fn goods() -> Goods {
    Goods {
        id: "商品ID".to_owned(),
        name: "商品名称".to_owned(),
        class: "商品类型".to_owned(),
        price: Fen::new(200),
        subject: "商品描述".to_owned(),
        quantity: 5,
        show_url: Some("WWW.****.COM".to_owned()),
    }
}

pub fn sosopay_extras() -> Extras {
    Extras {
        goods: vec![goods(), goods()],
        merchant_para: Some(MerchantPara::parse(&"1".repeat(24)).expect("BASE64")),
        store: Some("02016".to_owned()),
        ..Extras::default()
    }
}

fn upay_extras() -> Extras {
    Extras {
        description: Some("a pizza".to_owned()),
        longitude: Some("121.4737".to_owned()),
        latitude: Some("31.2304".to_owned()),
        extended: Some(r#"{"goods_tag":"x"}"#.to_owned()),
        reflect: Some("table 5".to_owned()),
        ..Extras::default()
    }
}

fn body(kind: Kind, request: &Request, extras: &Extras) -> String {
    let sent = gateway(kind).encode_with(request, extras, AT).expect("a request");
    String::from_utf8(sent.body).expect("text")
}

fn refusal(kind: Kind, extras: &Extras) -> Option<FieldError> {
    let request = pay(sale());
    let checked = gateway(kind).check_with(&request, extras).err();
    assert_eq!(gateway(kind).encode_with(&request, extras, AT).err(), checked);
    checked
}

#[test]
fn json_zh_2_4_a_charge_carries_goods_parameter_store_life_and_voucher() {
    let extras = Extras {
        life: Some(Duration::from_secs(120)),
        verify_code: Some("915346596237".to_owned()),
        ..sosopay_extras()
    };
    let sent = body(Kind::SosopayJson, &pay(sale_of(ORDER, 10)), &extras);
    assert_eq!(sent, vector("sosopay-json/request-preorder-extras.json").trim_end());
}

#[test]
fn xml_v1_2_goods_repeat_their_element() {
    let goods = Goods {
        id: "qweqwe".to_owned(),
        name: "qweqwe".to_owned(),
        class: "qweqwe".to_owned(),
        price: Fen::new(1020),
        subject: "qweqwe".to_owned(),
        quantity: 11,
        show_url: Some("www.xxxx.com".to_owned()),
    };
    let extras = Extras { goods: vec![goods; 3], ..Extras::default() };
    let sent = body(Kind::SosopayXml, &pay(sale_of(ORDER, 120)), &extras);
    assert_eq!(sent, vector("sosopay-xml/request-preorder-goods.xml").trim_end());
}

#[test]
fn upay_3_2_2_a_charge_carries_description_place_extended_and_reflect() {
    let sent = body(Kind::Shouqianba, &pay(sale()), &upay_extras());
    assert_eq!(sent, vector("upay/request-pay-extras.json").trim_end());
    let sent = body(Kind::Shouqianba, &precreate(sale()), &upay_extras());
    assert!(sent.contains(r#""reflect":"table 5""#), "{sent}");
    for request in [query(sale()), cancel(sale())] {
        let sent = body(Kind::Shouqianba, &request, &upay_extras());
        assert!(!sent.contains("reflect"), "{sent}");
    }
}

#[test]
fn a_field_that_the_gateway_has_no_place_for_is_refused_rather_than_dropped() {
    let text = || Some("x".to_owned());
    let extras = Extras::default;
    for (field, extras, takers) in [
        (
            "GOODS_DETAIL",
            Extras { goods: vec![goods()], ..extras() },
            vec![Kind::SosopayJson, Kind::SosopayXml],
        ),
        (
            "MERCHANTPARA",
            Extras { merchant_para: Some(MerchantPara::of(b"x")), ..extras() },
            vec![Kind::SosopayJson],
        ),
        ("REGISTER_ID", Extras { store: text(), ..extras() }, vec![Kind::SosopayJson]),
        ("verifyCodes", Extras { verify_code: text(), ..extras() }, vec![Kind::SosopayJson]),
        (
            "TIME_EXPIRE",
            Extras { life: Some(Duration::from_secs(120)), ..extras() },
            vec![Kind::SosopayJson],
        ),
        ("description", Extras { description: text(), ..extras() }, vec![Kind::Shouqianba]),
        ("extended", Extras { extended: text(), ..extras() }, vec![Kind::Shouqianba]),
        ("reflect", Extras { reflect: text(), ..extras() }, vec![Kind::Shouqianba]),
    ] {
        for kind in Kind::ALL {
            let gateway = kind.name();
            let refused = match takers.contains(&kind) {
                true => None,
                false => Some(FieldError::NotCarried { field, gateway }),
            };
            assert_eq!(refusal(kind, &extras), refused, "{field} {gateway}");
        }
    }
}

#[test]
fn every_extra_is_checked_with_its_limit() {
    let long = |len: usize| Some("达".repeat(len));
    let (upay, json) = (Kind::Shouqianba, Kind::SosopayJson);
    let extras = Extras::default;
    let too_long = |field, max| Some(FieldError::TooLong { field, max, given: max + 1 });
    for (kind, extras, refused) in [
        (upay, Extras { description: long(256), ..extras() }, None),
        (upay, Extras { description: long(257), ..extras() }, too_long("description", 256)),
        (upay, Extras { extended: long(257), ..extras() }, too_long("extended", 256)),
        (upay, Extras { reflect: long(64), ..extras() }, None),
        (upay, Extras { reflect: long(65), ..extras() }, too_long("reflect", 64)),
        (json, Extras { store: long(65), ..extras() }, too_long("REGISTER_ID", 64)),
        (
            json,
            Extras { verify_code: Some("1 2".to_owned()), ..extras() },
            Some(FieldError::Character { field: "verifyCodes", given: ' ' }),
        ),
        (
            json,
            Extras { merchant_para: Some(MerchantPara::of(&[0; 193])), ..extras() },
            Some(FieldError::TooLong { field: "MERCHANTPARA", max: 256, given: 260 }),
        ),
        (json, Extras { merchant_para: Some(MerchantPara::of(&[0; 192])), ..extras() }, None),
        (json, Extras { goods: vec![goods(); 50], ..extras() }, None),
        (
            json,
            Extras { goods: vec![goods(); 51], ..extras() },
            Some(FieldError::TooMany { field: "GOODS_DETAIL", max: 50, given: 51 }),
        ),
    ] {
        assert_eq!(refusal(kind, &extras), refused);
    }
    for (seconds, fits) in [(119, false), (120, true), (86_400, true), (86_401, false)] {
        let extras = Extras { life: Some(Duration::from_secs(seconds)), ..extras() };
        let (min, max) = (120, 86_400);
        let error = FieldError::Seconds { field: "TIME_EXPIRE", min, max, given: seconds };
        assert_eq!(refusal(json, &extras), if fits { None } else { Some(error) });
    }
}

#[test]
fn longitude_and_latitude_come_together_or_not_at_all() {
    let place = |longitude: Option<&str>, latitude: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let extras =
            Extras { longitude: own(longitude), latitude: own(latitude), ..Extras::default() };
        refusal(Kind::Shouqianba, &extras).map(|error| error.to_string())
    };
    assert_eq!(place(None, None), None);
    assert_eq!(place(Some("-121.5"), Some("31")), None);
    let needs = |one: &str, other: &str| Some(format!("{one} needs {other}: give both or neither"));
    assert_eq!(place(Some("121.5"), None), needs("longitude", "latitude"));
    assert_eq!(place(None, Some("31")), needs("latitude", "longitude"));
    assert!(place(Some("181"), Some("31")).is_some());
    assert!(place(Some("121"), Some("91")).is_some());
    assert!(place(Some("x"), Some("31")).is_some());
}

#[test]
fn each_field_of_goods_is_checked() {
    let with = |change: fn(&mut Goods)| {
        let mut item = goods();
        change(&mut item);
        let extras = Extras { goods: vec![goods(), item], ..Extras::default() };
        let json = refusal(Kind::SosopayJson, &extras).map(|error| error.to_string());
        (json.unwrap_or_default(), refusal(Kind::SosopayXml, &extras).is_some())
    };
    let (error, _) = with(|goods| goods.id = String::new());
    assert_eq!(error, "GOOD_ID must not be empty");
    let (error, _) = with(|goods| goods.name = "x".repeat(65));
    assert_eq!(error, "GOOD_NAME takes at most 64 characters, and 65 were given");
    // "可空" in XML v1 alone.
    let (error, xml) = with(|goods| goods.class = String::new());
    assert_eq!((error.as_str(), xml), ("GOOD_CLASS must not be empty", false));
    let (error, _) = with(|goods| goods.subject = "a\u{1}".to_owned());
    assert_eq!(error, "GOOD_SUBJECT must not have the character U+0001");
    let (error, _) = with(|goods| goods.quantity = 0);
    assert_eq!(error, "GOOD_QUANTITY must be a whole number above zero, and \"0\" was given");
    let (error, _) = with(|goods| goods.price = Fen::new(-1));
    assert_eq!(
        error,
        "GOOD_PRICE must be yuan between 0.00 and 99999999.99, and \"-0.01\" was given"
    );
    let (error, xml) = with(|goods| goods.show_url = None);
    assert_eq!((error.as_str(), xml), ("", false));
}

#[test]
fn a_store_of_the_charge_goes_before_the_terminals_own() {
    let extras = Extras { store: Some("branch 7".to_owned()), ..Extras::default() };
    let sent = body(Kind::SosopayJson, &pay(sale()), &extras);
    assert!(sent.contains(r#""REGISTER_ID":"branch 7""#) && !sent.contains("02016"), "{sent}");
}

#[test]
fn an_order_to_be_scanned_has_one_life() {
    let extras = Extras { life: Some(Duration::from_secs(120)), ..Extras::default() };
    let refused = gateway(Kind::SosopayJson).check_with(&precreate(sale()), &extras);
    assert!(matches!(refused, Err(FieldError::Format { field: "TIME_EXPIRE", .. })), "{refused:?}");
}

#[test]
fn a_path_that_is_none_is_refused_with_its_key() {
    for path in ["", "https://x/y", "//x", "a?b", "a#b", "a b", "a\\b"] {
        let mut settings = settings(Kind::SosopayJson);
        settings.paths.login = Some(path.to_owned());
        let error = Gateway::new(settings).expect_err("no path");
        assert_eq!(error.key, "gateway.paths.login", "{path}");
    }
}
