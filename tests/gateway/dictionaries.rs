//! The dictionaries: every documented value has a text, a name that never changes, and its own
//! variant; any other is kept as it came.

use cashier::gateway::operation::{ChargeMode, CompanyStatus, FlowType, RechargeStatus, UserType};
use cashier::gateway::shouqianba::dictionary::*;
use cashier::gateway::sosopay::dictionary::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The texts and names of a dictionary, each checked to be its own.
macro_rules! listed {
    ($name:ident) => {{
        let mut texts = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut listed = Vec::new();
        for (text, value) in $name::DOCUMENTED {
            assert_eq!(&$name::read(text), value);
            assert_eq!(value.text(), *text);
            assert!(texts.insert(*text) && names.insert(value.name()), "{text} twice");
            listed.push(format!("{text}={}", value.name()));
        }
        let other = $name::read("no such value");
        assert_eq!((other.text(), other.name().as_str()), ("no such value", "unknown"));
        listed.join(" ")
    }};
}

#[test]
fn sosopay_states_0_to_14() {
    assert_eq!(
        listed!(State),
        "0=pending 1=paid 2=revoked 3=revocation_applied 4=partly_refunded 5=refunded 6=closed \
         7=reserved 8=refunding 9=refund_failed 10=refund_pending 11=refund_done \
         12=refund_cancelled 13=refund_refused 14=order_cancelled"
    );
}

#[test]
fn sosopay_channels_of_every_edition() {
    assert_eq!(
        listed!(ChannelType),
        "0=auto 1=alipay 2=wechat 3=china_merchants_bank 4=icbc 5=construction_bank \
         6=bank_of_communications 7=everbright_bank 8=huaxia_bank 9=agricultural_bank \
         10=pudong_development_bank 11=minsheng_bank 12=industrial_bank 13=bank_of_china \
         14=citic_bank 15=guangfa_bank 16=ping_an_bank 17=reserved 18=shenzhen_development_bank \
         19=hsbc 20=bank_of_east_asia 21=hang_seng_bank 22=citibank 23=standard_chartered \
         24=baidu 25=he_bao 26=unicom 27=best_pay 28=mi_wallet 29=apple_pay 30=samsung_pay 31=qq \
         32=union_pay 34=alipay_wap"
    );
}

#[test]
fn a_wallets_number_is_read_as_that_wallet() {
    use cashier::payment::Channel;
    for channel in Channel::NAMED {
        assert!(ChannelType::of(&channel).is_none_or(|number| number.channel() == channel));
    }
}

#[test]
fn sosopay_fund_channels_of_every_edition() {
    assert_eq!(
        listed!(FundChannel),
        "00=alipay_bonus 10=alipay_balance 60=alipay_prepaid_card 30=alipay_points \
         70=alipay_credit 40=discount_voucher 80=prepaid_card 90=consumer_loan 11=wechat 12=qq \
         13=baidu 14=best_pay 41=wechat_coupon 42=qq_coupon 43=baidu_coupon 44=best_pay_coupon \
         100=alipay_financial_account 101=merchant_store_card 102=merchant_coupon \
         103=bank_card_via_alipay 104=merchant_bonus 9001=bank_card 9002=random_discount 9003=free \
         9004=threshold_discount 9005=item_discount 9006=gift_goods 9007=cash_voucher \
         9008=discount"
    );
}

#[test]
fn sosopay_return_codes() {
    assert_eq!(
        listed!(Code),
        "SUCCESS=success FAIL=fail ILLEGAL_PARAMETER=illegal_parameter INVALID_SIGN=invalid_sign \
         AMT_ERROR=amt_error DATABASE_ERROR=database_error INVALID_CONTRACT=invalid_contract \
         UNREGISTERED_BUSI=unregistered_busi EXCEPTION=exception \
         CHARGE_NONEXISTENT=charge_nonexistent SERVICE_UNAVAILABLE=service_unavailable \
         HTTP_EXCEPTION=http_exception IO_EXCEPTION=io_exception \
         CREATE_SECURITY_CONNECTION_ERROR=create_security_connection_error \
         AREADY_REVOKED=already_revoked SERIAL_REPEAT=serial_repeat"
    );
    assert_eq!(Code::read("SUCESS"), Code::Success);
}

#[test]
fn upays_order_states_and_movements() {
    assert_eq!(
        listed!(OrderStatus),
        "CREATED=created PAID=paid PAY_CANCELED=pay_canceled PAY_ERROR=pay_error \
         REFUNDED=refunded PARTIAL_REFUNDED=partial_refunded REFUND_ERROR=refund_error \
         CANCELED=canceled CANCEL_ERROR=cancel_error"
    );
    assert_eq!(
        listed!(Status),
        "SUCCESS=success FAIL_CANCELED=fail_canceled FAIL_PROTOCOL_1=fail_protocol1 \
         FAIL_IO_1=fail_io1 FAIL_PROTOCOL_2=fail_protocol2 FAIL_IO_2=fail_io2 \
         FAIL_PROTOCOL_3=fail_protocol3 FAIL_ERROR=fail_error CANCEL_ERROR=cancel_error \
         REFUND_ERROR=refund_error"
    );
    assert_eq!(listed!(Payway), "1=alipay 3=wechat 4=baidu 5=jd");
    assert_eq!(listed!(SubPayway), "1=barcode 2=qr_code");
    assert_eq!(listed!(ResultCode), "200=done 400=our_fault 500=their_fault");
}

#[test]
fn upays_codes_are_named_like_their_texts() {
    for (text, code) in ErrorCode::DOCUMENTED {
        let name = code.name().to_uppercase();
        let is_same = text.replace("UPAY_", "").starts_with(&name);
        assert!(is_same, "{text} is named {name}");
    }
    assert_eq!(ErrorCode::DOCUMENTED.len(), 24);
    assert_eq!(ErrorCode::read("UPAY_ORDER_NOT_EXISTS"), ErrorCode::OrderNotExist);
    let _ = (listed!(ErrorCode), listed!(BizCode));
}

#[test]
fn the_words_of_logins_and_recharges() {
    assert_eq!(listed!(UserType), "1=without_refund 2=with_refund");
    assert_eq!(listed!(CompanyStatus), "0=waiting 1=passed 2=failed");
    assert_eq!(listed!(ChargeMode), "1=offline 2=cashier");
    assert_eq!(listed!(RechargeStatus), "0=begun 1=recharging 2=done 3=failed");
    assert_eq!(listed!(FlowType), "0=national 1=provincial");
}

proptest! {
    #[test]
    fn i15_any_text_is_read_and_kept(text in ".{0,40}") {
        prop_assert_eq!(State::read(&text).text().to_owned(), text.clone());
        prop_assert_eq!(FundChannel::read(&text).text().to_owned(), text.clone());
        prop_assert_eq!(ChannelType::read(&text).text().to_owned(), text.clone());
        prop_assert_eq!(OrderStatus::read(&text).text().to_owned(), text.clone());
    }
}
