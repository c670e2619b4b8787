use super::*;
use crate::gateway::shouqianba::dictionary::{
    BizCode, ErrorCode, OrderStatus, Payway, ResultCode, Status, SubPayway,
};
use crate::gateway::sosopay::dictionary::{ChannelType, Code, FundChannel, State};
use std::collections::BTreeSet;
use ui::Text;

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Every documented value has words of its own in both languages, and any other its own text.
fn has_words<T: InWords>(documented: &[(&'static str, T)], read: fn(&str) -> T) {
    let mut seen = BTreeSet::new();
    for (text, value) in documented {
        let (zh, en) = value.both();
        assert!(zh.chars().any(is_han), "{text}: {zh:?} is not Chinese");
        assert!(!en.trim().is_empty() && en.is_ascii(), "{text}: {en:?} is not English");
        assert!(en.starts_with(|c: char| c.is_ascii_uppercase()), "{text}: {en:?}");
        assert!(seen.insert(zh) && seen.insert(en), "{text}: {zh:?} or {en:?} means two things");
        assert_eq!((value.words(Locale::ZhCn), value.words(Locale::En)), (zh, en));
        assert_eq!(explained(text, value, Locale::En), format!("{text} {en}"));
    }
    let other = read("SOME_OTHER 值");
    assert_eq!(other.both(), ("SOME_OTHER 值", "SOME_OTHER 值"));
    assert_eq!(explained("SOME_OTHER 值", &other, Locale::ZhCn), "SOME_OTHER 值");
}

#[test]
fn every_documented_value_has_words_and_an_unknown_one_keeps_its_text() {
    has_words(Code::DOCUMENTED, Code::read);
    has_words(State::DOCUMENTED, State::read);
    has_words(FundChannel::DOCUMENTED, FundChannel::read);
    has_words(ChannelType::DOCUMENTED, ChannelType::read);
    has_words(ResultCode::DOCUMENTED, ResultCode::read);
    has_words(BizCode::DOCUMENTED, BizCode::read);
    has_words(OrderStatus::DOCUMENTED, OrderStatus::read);
    has_words(Status::DOCUMENTED, Status::read);
    has_words(ErrorCode::DOCUMENTED, ErrorCode::read);
    has_words(Payway::DOCUMENTED, Payway::read);
    has_words(SubPayway::DOCUMENTED, SubPayway::read);
    has_words(FlowType::DOCUMENTED, FlowType::read);
    has_words(RechargeStatus::DOCUMENTED, RechargeStatus::read);
    has_words(UserType::DOCUMENTED, UserType::read);
    has_words(CompanyStatus::DOCUMENTED, CompanyStatus::read);
    has_words(ChargeMode::DOCUMENTED, ChargeMode::read);
}

#[test]
fn states_12_and_13_both_say_that_nothing_was_refunded() {
    for number in ["12", "13"] {
        let state = OrderState::Sosopay(State::read(number));
        assert!(state.words(Locale::ZhCn).contains("未退款"), "{number}");
        assert!(state.words(Locale::En).contains("not refunded"), "{number}");
    }
    let paid = OrderState::Shouqianba(OrderStatus::read("PAID"));
    assert_eq!(paid.both(), ("订单支付成功", "Paid"));
}

#[test]
fn every_error_says_what_the_cashier_should_do() {
    for (text, code) in Code::DOCUMENTED {
        assert_eq!(sosopay::advice(code).is_none(), *code == Code::Success, "{text}");
    }
    for (text, error) in ErrorCode::DOCUMENTED {
        assert!(shouqianba::advice(error).is_some(), "{text}");
    }
    for (text, advice) in [
        ("FAIL", Text::DoNotHandOver),
        ("INVALID_SIGN", Text::CheckClockAndKey),
        ("AREADY_REVOKED", Text::DoNotHandOver),
        ("NEW_CODE", Text::DoNotHandOver),
    ] {
        assert_eq!(sosopay::advice(&Code::read(text)), Some(advice), "{text}");
    }
    for (text, advice) in [
        ("EXPIRED_BARCODE", Text::AskRefreshCode),
        ("INSUFFICIENT_FUND", Text::AskOtherWallet),
        ("REFUND_REQUEST_CONFLICT", Text::DoNotRefundAgain),
        ("UPAY_ORDER_NOT_EXISTS", Text::DoNotHandOver),
        ("UNKNOWN_SYSTEM_ERROR", Text::DoNotHandOver),
        ("NEW_CODE", Text::DoNotHandOver),
    ] {
        assert_eq!(shouqianba::advice(&ErrorCode::read(text)), Some(advice), "{text}");
    }
}
