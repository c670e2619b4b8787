//! The words of Upay v2: §4, tables 1 to 7; the errors of §2-3.2, §3-3.3 and §3-5.3.

use super::in_words;
use crate::app::words::{doubt_words, why};
use crate::gateway::shouqianba::dictionary::{
    BizCode, ErrorCode, OrderStatus, Payway, ResultCode, Status, SubPayway,
};
use crate::payment::{DoubtKind, Why};
use ui::Text;

in_words! {
    ResultCode {
        Done: "通讯成功", "The call was carried out";
        OurFault: "请求有误", "The request was at fault";
        TheirFault: "服务端有误", "The gateway was at fault";
    }
}

in_words! {
    BizCode {
        PaySuccess: "支付操作成功", "Payment successful";
        PayFail: "支付操作失败并且已冲正", "Payment failed and was reversed";
        PayFailError: "支付操作失败并且不确定第三方支付通道状态",
            "Payment failed, and the wallet's state is not certain";
        PayInProgress: "支付操作进行中", "Payment in progress";
        CancelSuccess: "撤单操作成功", "Cancel successful";
        CancelError: "撤单操作失败并且不确定第三方支付通道状态",
            "Cancel failed, and the wallet's state is not certain";
        CancelAbortError: "撤单操作试图终止进行中的支付流程，但是失败，不确定",
            "Cancel did not stop a payment in progress; not certain";
        CancelAbortSuccess: "撤单操作试图终止进行中的支付流程并且成功",
            "Cancel stopped a payment in progress";
        CancelInProgress: "撤单操作进行中", "Cancel in progress";
        RefundSuccess: "退款操作成功", "Refund successful";
        RefundError: "退款操作失败并且不确定第三方支付通道状态",
            "Refund failed, and the wallet's state is not certain";
        RefundInProgress: "退款操作进行中", "Refund in progress";
        PrecreateSuccess: "预下单操作成功", "Precreate successful";
        PrecreateFail: "预下单操作失败", "Precreate failed";
        PrecreateInProgress: "预下单操作进行中", "Precreate in progress";
        Success: "操作成功", "Successful";
        Fail: "操作失败（不会触发流程）", "Failed (starts nothing)";
        InProgress: "本次业务进行中", "In progress";
        ResultUnknown: "本次业务执行结果未知", "The result is not known";
    }
}

in_words! {
    OrderStatus {
        Created: "订单已创建/支付中", "Created, being paid";
        Paid: "订单支付成功", "Paid";
        PayCanceled: "支付失败并且已经成功冲正", "Payment failed and was reversed";
        PayError: "支付失败，不确定是否已经成功冲正", "Payment failed; not certain that it was reversed";
        Refunded: "已成功全额退款", "Refunded in full";
        PartialRefunded: "已成功部分退款", "Partly refunded";
        RefundError: "退款失败并且不确定第三方支付通道的最终退款状态",
            "Refund failed, and the wallet's state is not certain";
        Canceled: "用户发起的撤单已成功", "Cancelled on request";
        CancelError: "用户发起的撤单失败并且不确定第三方支付通道的最终状态",
            "Cancel failed, and the wallet's state is not certain";
    }
}

// The tables give each protocol and IO error the same words; the number tells them apart. What the
// last three end with is cut off in the document: "but the wallet refused", or "not certain".
in_words! {
    Status {
        Success: "业务执行确认成功", "Confirmed successful";
        FailCanceled: "确认失败", "Confirmed failed";
        FailProtocol1: "协议错误（1）", "Protocol error (1)";
        FailIo1: "IO错误（1）", "I/O error (1)";
        FailProtocol2: "协议错误（2）", "Protocol error (2)";
        FailIo2: "IO错误（2）", "I/O error (2)";
        FailProtocol3: "协议错误（3）", "Protocol error (3)";
        FailError: "支付流程失败后自动撤单，结果不确定",
            "Payment failed and was cancelled, with no certain result";
        CancelError: "支付通道返回撤单失败", "The wallet answered that the cancel failed";
        RefundError: "支付通道返回退款失败", "The wallet answered that the refund failed";
    }
}

in_words! {
    ErrorCode {
        InvalidParams: "参数错误", "Parameter error";
        InvalidTerminal: "终端错误", "Terminal error";
        TerminalNotExists: "不存在这个终端", "There is no such terminal";
        IllegalSign: "签名错误", "Signature error";
        InvalidBarcode: "支付条码错误", "The payment code is wrong";
        UnknownSystemError: "系统错误", "System error";
        Maintenance: "服务端正在升级维护", "The gateway is under maintenance";
        UnexpectedProviderError: "不识别的支付通道", "Unknown payment channel";
        AuthcodeExpire: "二维码过期", "The QR code has expired";
        ExpiredBarcode: "过期的支付条码", "The payment code has expired";
        InsufficientFund: "账户金额不足", "Insufficient funds";
        BuyerOverDailyLimit: "付款人当日付款金额超过上限", "Over the customer's limit of the day";
        BuyerOverTransactionLimit: "付款人单笔付款金额超过上限",
            "Over the customer's limit of one payment";
        SellerOverDailyLimit: "收款账户当日收款金额超过上限", "Over the merchant's limit of the day";
        TradeNotExist: "交易不存在", "The payment does not exist";
        TradeHasSuccess: "交易已被支付", "The order is paid already";
        SellerBalanceNotEnough: "卖家余额不足", "The merchant's balance is too small";
        RefundAmtNotEqualTotal: "退款金额无效", "The amount of the refund is not valid";
        TradeFailed: "交易失败", "The payment failed";
        ClientSnConflict: "client_sn在系统中已存在", "The order number exists already";
        OrderNotExist: "订单不存在", "The order does not exist";
        RefundRequestConflict: "重复的退款请求", "The refund was asked for already";
        RefundInvalidOrderState: "无法对错误的订单状态执行退款操作",
            "An order in this state cannot be refunded";
        CancelInvalidOrderState: "当前的订单状态不能撤单",
            "An order in this state cannot be cancelled";
    }
}

/// What the cashier should do about an error.
pub fn advice(error: &ErrorCode) -> Option<Text> {
    use ErrorCode as E;
    match error {
        E::InvalidParams => why(Why::BadParameter).advice,
        E::InvalidTerminal | E::TerminalNotExists => why(Why::UnknownTerminal).advice,
        E::IllegalSign => why(Why::BadSignature).advice,
        E::InvalidBarcode => why(Why::CodeInvalid).advice,
        E::AuthcodeExpire | E::ExpiredBarcode => why(Why::CodeExpired).advice,
        E::InsufficientFund => why(Why::InsufficientFunds).advice,
        E::BuyerOverDailyLimit | E::BuyerOverTransactionLimit => why(Why::BuyerLimit).advice,
        E::SellerOverDailyLimit => why(Why::SellerLimit).advice,
        E::TradeFailed => why(Why::TradeFailed).advice,
        E::SellerBalanceNotEnough => why(Why::RefundNoBalance).advice,
        E::RefundAmtNotEqualTotal => why(Why::AmountRejected).advice,
        E::RefundInvalidOrderState => why(Why::RefundNotAllowed).advice,
        E::CancelInvalidOrderState => why(Why::GatewayRefused).advice,
        // The first request may have been carried out.
        E::RefundRequestConflict => Some(Text::DoNotRefundAgain),
        E::ClientSnConflict | E::TradeHasSuccess => doubt_words(DoubtKind::AskAgain).advice,
        E::TradeNotExist | E::OrderNotExist => doubt_words(DoubtKind::NotFoundYet).advice,
        E::UnknownSystemError | E::Maintenance | E::UnexpectedProviderError => {
            doubt_words(DoubtKind::GatewayFault).advice
        }
        E::Unknown(_) => doubt_words(DoubtKind::UnknownCode).advice,
    }
}

in_words! {
    Payway {
        Alipay: "支付宝", "Alipay";
        Wechat: "微信", "WeChat Pay";
        Baidu: "百付宝", "Baidu Wallet";
        Jd: "京东", "JD Pay";
    }
}

in_words! {
    SubPayway {
        Barcode: "条码支付", "The merchant scans the customer's code";
        QrCode: "二维码支付", "The customer scans a code";
    }
}
