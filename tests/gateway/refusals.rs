//! What is refused before anything is journalled, and settings that cannot be.

use crate::support::*;
use cashier::gateway::{
    CipherMode, CipherSettings, FieldError, Gateway, KeyEncoding, Kind, Settings,
};
use cashier::money::{AmountError, Fen};
use cashier::payment::{Channel, Request};
use cashier::secret::Secret;
use proptest::prelude::*;
use std::time::Duration;

/// `check` and `encode` agree.
fn refusal(kind: Kind, request: &Request) -> Option<FieldError> {
    let gateway = gateway(kind);
    let checked = gateway.check(request).err();
    assert_eq!(gateway.encode(request, AT).err(), checked);
    checked
}

#[test]
fn every_request_of_an_ordinary_sale_is_taken() {
    for kind in Kind::ALL {
        for request in all(&sale()) {
            assert_eq!(refusal(kind, &request), None);
        }
    }
}

#[test]
fn a_text_that_does_not_fit_is_named_with_its_limit() {
    let with = |subject: &str, operator: &str| {
        let mut sale = sale();
        subject.clone_into(&mut sale.subject);
        operator.clone_into(&mut sale.operator);
        sale
    };
    let fits = "达".repeat(64);
    assert_eq!(refusal(Kind::Shouqianba, &pay(with(&fits, "o"))), None);
    let long = "达".repeat(65);
    for (kind, field) in [
        (Kind::Shouqianba, "subject"),
        (Kind::SosopayJson, "PAY_SUBJECT"),
        (Kind::SosopayXml, "PAY_SUBJECT"),
    ] {
        let error = refusal(kind, &pay(with(&long, "o")));
        assert_eq!(error, Some(FieldError::TooLong { field, max: 64, given: 65 }));
        let error = refusal(kind, &precreate(with(" ", "o")));
        assert_eq!(error, Some(FieldError::Empty { field }));
        let error = refusal(kind, &precreate(with("a\u{0}b", "o")));
        assert_eq!(error, Some(FieldError::Character { field, given: '\u{0}' }));
    }
    let error = refusal(Kind::Shouqianba, &pay(with("s", &"o".repeat(33))));
    assert_eq!(error, Some(FieldError::TooLong { field: "operator", max: 32, given: 33 }));
    let error = refusal(Kind::SosopayXml, &pay(with("s", "")));
    assert_eq!(error, Some(FieldError::Empty { field: "OPER_ID" }));
}

#[test]
fn an_amount_that_cannot_be_charged_is_refused() {
    for (fen, error) in
        [(0, AmountError::Zero), (-1, AmountError::Zero), (10_000_000_000, AmountError::TooLarge)]
    {
        for (kind, field) in [(Kind::Shouqianba, "total_amount"), (Kind::SosopayJson, "AMT")] {
            let given = Fen::new(fen);
            let refused = refusal(kind, &pay(sale_of(ORDER, fen)));
            assert_eq!(refused, Some(FieldError::Amount { field, given, error }));
        }
    }
    assert_eq!(refusal(Kind::Shouqianba, &pay(sale_of(ORDER, 9_999_999_999))), None);
}

#[test]
fn a_wallet_without_a_number_is_refused_with_those_that_have_one() {
    let takes = |kind, channel: &Channel| {
        let life = Duration::from_secs(240);
        let request = Request::Precreate { sale: sale(), channel: channel.clone(), life };
        match refusal(kind, &request) {
            None => true,
            Some(error) => {
                let said = error.to_string();
                assert!(said.contains(channel.name()) && said.contains("alipay, wechat"), "{said}");
                false
            }
        }
    };
    use Channel::*;
    for (channel, upay, sosopay) in [
        (Alipay, true, true),
        (Wechat, true, true),
        (Baidu, true, true),
        (Jd, true, false),
        (UnionPay, false, true),
        (BestPay, false, true),
        (Qq, false, true),
        (Bank, false, false),
        (Unknown("3".to_owned()), false, false),
    ] {
        assert_eq!(takes(Kind::Shouqianba, &channel), upay, "{channel:?}");
        assert_eq!(takes(Kind::SosopayJson, &channel), sosopay, "{channel:?}");
        assert_eq!(takes(Kind::SosopayXml, &channel), sosopay, "{channel:?}");
    }
}

/// The configuration's key that is complained about.
fn complaint(kind: Kind, change: impl FnOnce(&mut Settings)) -> Option<&'static str> {
    let mut settings = settings(kind);
    change(&mut settings);
    let error = Gateway::new(settings).err()?;
    assert!(!error.to_string().contains(KEY) && !error.to_string().contains("s3cret"), "{error}");
    Some(error.key)
}

#[test]
fn a_setting_that_cannot_be_is_named_by_its_key() {
    for url in [
        "",
        "gateway.example",
        "ftp://a/",
        "https://",
        "https:///x",
        "https://a/?b",
        "https://a b/",
    ] {
        let said = complaint(Kind::SosopayJson, |s| url.clone_into(&mut s.base_url));
        assert_eq!(said, Some("gateway.base_url"), "{url}");
    }
    let said = complaint(Kind::Shouqianba, |s| s.terminal_sn = None);
    assert_eq!(said, Some("gateway.terminal_sn"));
    let said = complaint(Kind::Shouqianba, |s| s.terminal_sn = Some("a\r\nHost: b".to_owned()));
    assert_eq!(said, Some("gateway.terminal_sn"));
    let said = complaint(Kind::Shouqianba, |s| s.key = Secret::new(String::new()));
    assert_eq!(said, Some("gateway.key_file"));
    let said = complaint(Kind::SosopayXml, |s| s.merchant_id.clear());
    assert_eq!(said, Some("merchant.id"));
    assert_eq!(complaint(Kind::Shouqianba, |s| s.merchant_id.clear()), None);
    let said = complaint(Kind::SosopayJson, |s| s.device.clear());
    assert_eq!(said, Some("merchant.device"));
    let said = complaint(Kind::SosopayJson, |s| s.notify_url = Some("nowhere".to_owned()));
    assert_eq!(said, Some("notify.public_url"));
}

#[test]
fn a_cipher_that_cannot_be_is_named_by_its_key() {
    let cipher = |mode, key: Option<&str>, encoding, iv: Option<&str>| {
        let secret = |text: &str| Secret::new(text.to_owned());
        Some(CipherSettings { mode, key: key.map(secret), encoding, iv: iv.map(secret) })
    };
    use {CipherMode::*, KeyEncoding::*};
    for (cipher, key) in [
        (cipher(Ecb, Some("s3cret"), Utf8, None), "gateway.cipher.key"),
        (cipher(Ecb, Some("s3cret-is-no-hex"), Hex, None), "gateway.cipher.key"),
        (cipher(Ecb, Some("abc"), Hex, None), "gateway.cipher.key"),
        (cipher(Ecb, Some("***"), Base64, None), "gateway.cipher.key"),
        (cipher(Ecb, None, Utf8, Some("01234567")), "gateway.cipher.iv"),
        (cipher(Cbc, None, Utf8, None), "gateway.cipher.iv"),
        (cipher(Cbc, None, Utf8, Some("0123456")), "gateway.cipher.iv"),
    ] {
        assert_eq!(complaint(Kind::SosopayJson, |s| s.encrypt = cipher.clone()), Some(key));
    }
    let short = |s: &mut Settings| {
        s.key = Secret::new("s3cret".to_owned());
        s.encrypt = cipher(Ecb, None, Utf8, None);
    };
    assert_eq!(complaint(Kind::SosopayJson, short), Some("gateway.cipher.key"));
    for kind in [Kind::Shouqianba, Kind::SosopayXml] {
        let said = complaint(kind, |s| s.encrypt = cipher(Ecb, None, Utf8, None));
        assert_eq!(said, Some("gateway.encrypt"));
    }
}

#[test]
fn kinds_are_known_by_their_names() {
    for kind in Kind::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert!("sosopay".parse::<Kind>().is_err());
}

proptest! {
    /// Whatever the texts are, they are refused or arrive whole.
    #[test]
    fn what_is_taken_arrives_whole(subject in ".{0,70}", operator in "[a-z<>&\"' \\\\]{0,34}") {
        let mut sale = sale();
        sale.subject = subject;
        sale.operator = operator;
        let request = pay(sale.clone());
        for kind in [Kind::Shouqianba, Kind::SosopayJson] {
            let gateway = gateway(kind);
            prop_assert_eq!(gateway.check(&request).is_ok(), gateway.encode(&request, AT).is_ok());
            let Ok(sent) = gateway.encode(&request, AT) else { continue };
            let body: serde_json::Value = serde_json::from_slice(&sent.body)?;
            let (subject, operator) = match kind {
                Kind::Shouqianba => (&body["subject"], &body["operator"]),
                Kind::SosopayJson | Kind::SosopayXml => (&body["PAY_SUBJECT"], &body["OPER_ID"]),
            };
            prop_assert_eq!(subject.as_str(), Some(sale.subject.as_str()));
            prop_assert_eq!(operator.as_str(), Some(sale.operator.as_str()));
        }
    }
}
