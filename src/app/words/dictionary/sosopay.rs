//! SOSOPAY's words: JSON zh and en appendices 2 to 5, SDK appendices 2 and 4.

use super::in_words;
use crate::app::words::{doubt_words, why};
use crate::gateway::sosopay::dictionary::{ChannelType, Code, FundChannel, State};
use crate::payment::{DoubtKind, Why};
use ui::Text;

in_words! {
    Code {
        Success: "成功", "Success";
        Fail: "失败", "Failed";
        IllegalParameter: "参数错误", "Parameter error";
        InvalidSign: "签名错误", "Signature error";
        AmtError: "金额错误", "Amount error";
        DatabaseError: "数据库连接异常", "Database connection error";
        InvalidContract: "无效的签约状态", "Invalid contract status";
        UnregisteredBusi: "未注册的商户", "Unregistered merchant";
        Exception: "未知异常", "Unknown error";
        ChargeNonexistent: "交易记录不存在", "The transaction does not exist";
        ServiceUnavailable: "服务不可用", "Service not available";
        HttpException: "HTTP请求异常", "HTTP request error";
        IoException: "IO异常", "I/O error";
        CreateSecurityConnectionError: "创建安全链接失败", "Secure connection failed";
        AlreadyRevoked: "该订单已经撤销", "The order has been revoked";
        SerialRepeat: "上行流水号与系统中重复", "The order number exists already";
    }
}

/// What the cashier should do about a return code to a charge: nothing if all is well.
pub fn advice(code: &Code) -> Option<Text> {
    match code {
        Code::Success => None,
        Code::IllegalParameter => why(Why::BadParameter).advice,
        Code::InvalidSign => why(Why::BadSignature).advice,
        Code::AmtError => why(Why::AmountRejected).advice,
        Code::InvalidContract => why(Why::InvalidContract).advice,
        Code::UnregisteredBusi => why(Why::UnknownMerchant).advice,
        Code::ChargeNonexistent => doubt_words(DoubtKind::NotFoundYet).advice,
        // None of these says that no money moved.
        Code::Fail | Code::SerialRepeat | Code::AlreadyRevoked => {
            doubt_words(DoubtKind::AskAgain).advice
        }
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => doubt_words(DoubtKind::GatewayFault).advice,
        Code::Unknown(_) => doubt_words(DoubtKind::UnknownCode).advice,
    }
}

in_words! {
    State {
        Pending: "待付款", "Pending payment";
        Paid: "已付款", "Paid";
        Revoked: "已撤单", "Revoked";
        RevocationApplied: "申请撤单", "Revocation applied for";
        PartlyRefunded: "部分退款", "Partly refunded";
        Refunded: "已退款", "Refunded";
        Closed: "交易关闭", "Closed";
        Reserved: "系统保留状态", "Reserved state";
        Refunding: "退款中（平台未返回退款结果）", "Refunding (no result yet)";
        RefundFailed: "退款失败", "Refund failed";
        RefundPending: "待退款", "To be refunded";
        RefundDone: "退款成功", "Refund successful";
        RefundCancelled: "退款已取消（未退款）", "Refund cancelled (not refunded)";
        RefundRefused: "退款失败（未退款）", "Refund failed (not refunded)";
        OrderCancelled: "撤单成功", "Order cancelled";
    }
}

in_words! {
    FundChannel {
        AlipayBonus: "支付宝红包", "Alipay bonus";
        AlipayBalance: "支付宝余额", "Alipay balance";
        AlipayPrepaidCard: "支付宝预存卡", "Alipay prepaid card";
        AlipayPoints: "支付宝集分宝", "Alipay points (Jifenbao)";
        AlipayCredit: "支付宝信用支付", "Alipay credit";
        DiscountVoucher: "折扣券", "Discount voucher";
        PrepaidCard: "预付卡", "Prepaid card";
        ConsumerLoan: "信用支付（消费信贷）", "Credit (consumer loan)";
        Wechat: "微信支付", "WeChat Pay";
        Qq: "QQ钱包支付", "QQ Wallet";
        Baidu: "百度钱包支付", "Baidu Wallet";
        BestPay: "翼支付", "BestPay";
        WechatCoupon: "微信现金券支付", "WeChat cash coupon";
        QqCoupon: "QQ钱包现金券支付", "QQ Wallet cash coupon";
        BaiduCoupon: "百度钱包现金券支付", "Baidu Wallet cash coupon";
        BestPayCoupon: "翼支付现金券支付", "BestPay cash coupon";
        AlipayFinancialAccount: "支付宝理财专户", "Alipay financial account";
        MerchantStoreCard: "商户店铺卡", "Merchant's store card";
        MerchantCoupon: "商户优惠券", "Merchant's coupon";
        BankCardViaAlipay: "银行卡（支付宝渠道）", "Bank card (via Alipay)";
        MerchantBonus: "商户红包", "Merchant's bonus";
        BankCard: "银行卡（银行渠道，包含借记卡和信用卡）", "Bank card (via bank, debit or credit)";
        RandomDiscount: "随机减", "Random discount";
        Free: "免单", "Free of charge";
        ThresholdDiscount: "满立减", "Discount above an amount";
        ItemDiscount: "单品优惠", "Discount on an item";
        GiftGoods: "满送商品", "Goods given above an amount";
        CashVoucher: "代金券", "Cash voucher";
        // The table says 折扣券 twice, of 40 too.
        Discount: "折扣券（9008）", "Discount voucher (9008)";
    }
}

in_words! {
    ChannelType {
        Auto: "自动判定渠道", "Found out by the gateway";
        Alipay: "支付宝", "Alipay";
        Wechat: "微信", "WeChat Pay";
        ChinaMerchantsBank: "招商银行", "China Merchants Bank";
        Icbc: "中国工商银行", "ICBC";
        ConstructionBank: "中国建设银行", "China Construction Bank";
        BankOfCommunications: "交通银行", "Bank of Communications";
        EverbrightBank: "中国光大银行", "China Everbright Bank";
        HuaxiaBank: "华夏银行", "Huaxia Bank";
        AgriculturalBank: "中国农业银行", "Agricultural Bank of China";
        PudongDevelopmentBank: "浦发银行", "Shanghai Pudong Development Bank";
        MinshengBank: "中国民生银行", "China Minsheng Bank";
        IndustrialBank: "兴业银行", "Industrial Bank";
        BankOfChina: "中国银行", "Bank of China";
        CiticBank: "中信银行", "China CITIC Bank";
        GuangfaBank: "广发银行", "China Guangfa Bank";
        PingAnBank: "平安银行", "Ping An Bank";
        Reserved: "系统保留", "Reserved";
        ShenzhenDevelopmentBank: "深圳发展银行", "Shenzhen Development Bank";
        Hsbc: "汇丰银行", "HSBC";
        BankOfEastAsia: "东亚银行", "Bank of East Asia";
        HangSengBank: "恒生银行", "Hang Seng Bank";
        Citibank: "花旗银行", "Citibank";
        StandardChartered: "渣打银行", "Standard Chartered Bank";
        Baidu: "百度钱包", "Baidu Wallet";
        HeBao: "中国移动和包", "China Mobile HeBao";
        Unicom: "联通支付", "China Unicom";
        BestPay: "电信翼支付", "China Telecom BestPay";
        MiWallet: "小米钱包", "Mi Wallet";
        ApplePay: "苹果支付", "Apple Pay";
        SamsungPay: "三星支付", "Samsung Pay";
        Qq: "QQ钱包", "QQ Wallet";
        UnionPay: "银联卡支付", "UnionPay card";
        AlipayWap: "支付宝手机网页支付", "Alipay on a mobile web page";
    }
}
