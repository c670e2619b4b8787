//! The words of Upay v2, from the tables of §4 and the samples of §2-3.2.

use crate::gateway::dictionary::dictionary;
use crate::payment::Channel;

dictionary! {
    /// The outer `result_code`: whether the call was carried out (§4-1).
    ResultCode {
        /// The business answer counts.
        Done = "200",
        /// Our fault.
        OurFault = "400",
        /// Theirs.
        TheirFault = "500",
    }
}

dictionary! {
    /// `biz_response.result_code` (§4-2, and the `…_IN_PROGRESS` of the samples).
    BizCode {
        /// 支付操作成功.
        PaySuccess = "PAY_SUCCESS",
        /// 支付操作失败并且已冲正.
        PayFail = "PAY_FAIL",
        /// 支付操作失败并且不确定第三方支付通道状态.
        PayFailError = "PAY_FAIL_ERROR",
        /// The customer is still paying (sample ii).
        PayInProgress = "PAY_IN_PROGRESS",
        /// 撤单操作成功.
        CancelSuccess = "CANCEL_SUCCESS",
        /// 撤单操作失败并且不确定第三方支付通道状态.
        CancelError = "CANCEL_ERROR",
        /// 撤单操作试图终止进行中的支付流程, 但是失败, 不确定.
        CancelAbortError = "CANCEL_ABORT_ERROR",
        /// 撤单操作试图终止进行中的支付流程并且成功.
        CancelAbortSuccess = "CANCEL_ABORT_SUCCESS",
        /// A cancel that is under way.
        CancelInProgress = "CANCEL_IN_PROGRESS" | "CANCEL_ABORT_IN_PROGRESS",
        /// 退款操作成功.
        RefundSuccess = "REFUND_SUCCESS",
        /// 退款操作失败并且不确定第三方支付通状态.
        RefundError = "REFUND_ERROR",
        /// A refund that is under way.
        RefundInProgress = "REFUND_IN_PROGRESS",
        /// 预下单操作成功.
        PrecreateSuccess = "PRECREATE_SUCCESS",
        /// 预下单操作失败.
        PrecreateFail = "PRECREATE_FAIL",
        /// A precreate that is under way.
        PrecreateInProgress = "PRECREATE_IN_PROGRESS",
        /// 操作成功.
        Success = "SUCCESS",
        /// 操作失败 (不会触发流程).
        Fail = "FAIL",
        /// 本次业务进行中.
        InProgress = "INPROGRESS" | "IN_PROGRESS",
        /// 本次业务执行结果未知.
        ResultUnknown = "UNKNOWN",
    }
}

dictionary! {
    /// `data.order_status` (§4-3).
    OrderStatus {
        /// 订单已创建/支付中.
        Created = "CREATED",
        /// 订单支付成功.
        Paid = "PAID",
        /// 支付失败并且已经成功充正.
        PayCanceled = "PAY_CANCELED",
        /// 支付失败, 不确定是否已经成功充正.
        PayError = "PAY_ERROR",
        /// 已成功全额退款.
        Refunded = "REFUNDED",
        /// 已成功部分退款.
        PartialRefunded = "PARTIAL_REFUNDED",
        /// 退款失败并且不确定第三方支付通道的最终退款状态.
        RefundError = "REFUND_ERROR",
        /// 用户发起的撤单已成功.
        Canceled = "CANCELED",
        /// 用户发起的撤单失败并且不确定第三方支付通道的最终状态.
        CancelError = "CANCEL_ERROR",
    }
}

dictionary! {
    /// `data.status`, of the last movement (流水) of the order (§4-4).
    Status {
        /// 业务执行确认成功.
        Success = "SUCCESS",
        /// 确认失败.
        FailCanceled = "FAIL_CANCELED",
        /// 协议错误.
        FailProtocol1 = "FAIL_PROTOCOL_1",
        /// IO错误.
        FailIo1 = "FAIL_IO_1",
        /// 协议错误.
        FailProtocol2 = "FAIL_PROTOCOL_2",
        /// IO错误.
        FailIo2 = "FAIL_IO_2",
        /// 协议错误.
        FailProtocol3 = "FAIL_PROTOCOL_3",
        /// 支付流程失败后进行自动撤单操作, 和支付通道通信成功, 但不确定.
        FailError = "FAIL_ERROR",
        /// 撤单流程调用支付通道的撤单接口通信成功, 但是返回结果为失败.
        CancelError = "CANCEL_ERROR",
        /// 退款流程调用支付通道的退款接口通信成功, 但是返回的结果为失败.
        RefundError = "REFUND_ERROR",
    }
}

dictionary! {
    /// `error_code`, outer (§4-1, samples iv-vii) and of the business answer (§4-5, §3-3.3,
    /// §3-5.3). One dictionary: no text means two things.
    ErrorCode {
        /// 参数错误; samples v and §3-2.3 spell it both ways.
        InvalidParams = "INVALID_PARAMS" | "INVALID_PARAMETER",
        /// 终端错误.
        InvalidTerminal = "INVALID_TERMINAL",
        /// 不存在这个终端.
        TerminalNotExists = "TERMINAL_NOT_EXISTS",
        /// 签名错误.
        IllegalSign = "ILLEGAL_SIGN",
        /// 支付条码错误.
        InvalidBarcode = "INVALID_BARCODE",
        /// 系统错误.
        UnknownSystemError = "UNKNOWN_SYSTEM_ERROR",
        /// 服务端正在升级维护.
        Maintenance = "MAINTENANCE_INPROGRESS" | "MAINTENANCE_IN_PROGRESS",
        /// 不识别的支付通道.
        UnexpectedProviderError = "UNEXPECTED_PROVIDER_ERROR",
        /// 二维码过期.
        AuthcodeExpire = "AUTHCODE_EXPIRE",
        /// 过期的支付条码.
        ExpiredBarcode = "EXPIRED_BARCODE",
        /// 账户金额不足.
        InsufficientFund = "INSUFFICIENT_FUND",
        /// 付款人当日付款金额超过上限.
        BuyerOverDailyLimit = "BUYER_OVER_DAILY_LIMIT",
        /// 付款人单笔付款金额超过上限.
        BuyerOverTransactionLimit = "BUYER_OVER_TRANSACTION_LIMIT",
        /// 收款账户当日收款金额超过上限.
        SellerOverDailyLimit = "SELLER_OVER_DAILY_LIMIT",
        /// 交易不存在.
        TradeNotExist = "TRADE_NOT_EXIST",
        /// 交易已被支付.
        TradeHasSuccess = "TRADE_HAS_SUCCESS",
        /// 卖家余额不足.
        SellerBalanceNotEnough = "SELLER_BALANCE_NOT_ENOUGH",
        /// 退款金额无效.
        RefundAmtNotEqualTotal = "REFUND_AMT_NOT_EQUAL_TOTAL",
        /// 交易失败.
        TradeFailed = "TRADE_FAILED",
        /// client_sn在系统中已存在.
        ClientSnConflict = "CLIENT_SN_CONFLICT",
        /// 订单不存在; the table and §3-2.4 spell it differently.
        OrderNotExist = "UPAY_ORDER_NOT_EXIST" | "UPAY_ORDER_NOT_EXISTS",
        /// 重复的退款请求.
        RefundRequestConflict = "REFUND_REQUEST_CONFLICT",
        /// 无法对错误的订单状态执行退款操作.
        RefundInvalidOrderState = "UPAY_REFUND_INVALID_ORDER_STATE",
        /// 当前的订单状态不能撤单.
        CancelInvalidOrderState = "UPAY_CANCEL_INVALID_ORDER_STATE",
    }
}

dictionary! {
    /// `payway` (§4-6).
    Payway {
        /// 支付宝.
        Alipay = "1",
        /// 微信.
        Wechat = "3",
        /// 百付宝.
        Baidu = "4",
        /// 京东.
        Jd = "5",
    }
}

impl Payway {
    /// The channel that it is.
    pub fn channel(self) -> Channel {
        match self {
            Payway::Alipay => Channel::Alipay,
            Payway::Wechat => Channel::Wechat,
            Payway::Baidu => Channel::Baidu,
            Payway::Jd => Channel::Jd,
            Payway::Unknown(text) => Channel::Unknown(text),
        }
    }
}

dictionary! {
    /// `sub_payway` (§4-7).
    SubPayway {
        /// 条码支付.
        Barcode = "1",
        /// 二维码支付.
        QrCode = "2",
    }
}
