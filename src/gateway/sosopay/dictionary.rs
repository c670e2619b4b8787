//! The words of SOSOPAY: JSON zh appendices 2 to 5, with what SDK appendices 2 and 4 add.

use crate::gateway::dictionary::dictionary;
use crate::payment::Channel;

dictionary! {
    /// `RESULT.CODE` (JSON zh appendix 5).
    Code {
        /// 成功; the appendix spells it `SUCESS`, the samples `SUCCESS`.
        Success = "SUCCESS" | "SUCESS",
        /// 失败.
        Fail = "FAIL",
        /// 参数错误.
        IllegalParameter = "ILLEGAL_PARAMETER",
        /// 签名错误.
        InvalidSign = "INVALID_SIGN",
        /// 金额错误.
        AmtError = "AMT_ERROR",
        /// 数据库连接异常.
        DatabaseError = "DATABASE_ERROR",
        /// 无效的签约状态.
        InvalidContract = "INVALID_CONTRACT",
        /// 未注册的商户.
        UnregisteredBusi = "UNREGISTERED_BUSI",
        /// 未知异常.
        Exception = "EXCEPTION",
        /// 交易记录不存在.
        ChargeNonexistent = "CHARGE_NONEXISTENT",
        /// 服务不可用.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
        /// HTTP请求异常.
        HttpException = "HTTP_EXCEPTION",
        /// IO异常.
        IoException = "IO_EXCEPTION",
        /// 创建安全链接失败.
        CreateSecurityConnectionError = "CREATE_SECURITY_CONNECTION_ERROR",
        /// 该订单已经撤销.
        AlreadyRevoked = "AREADY_REVOKED",
        /// 上行流水号与系统中重复.
        SerialRepeat = "SERIAL_REPEAT",
    }
}

dictionary! {
    /// `STATE` (JSON zh appendix 4; 10-14 SDK appendix 4), `CHARGE_STATE` in XML v1.
    State {
        /// 待付款.
        Pending = "0",
        /// 已付款.
        Paid = "1",
        /// 已撤单.
        Revoked = "2",
        /// 申请撤单.
        RevocationApplied = "3",
        /// 部分退款.
        PartlyRefunded = "4",
        /// 已退款.
        Refunded = "5",
        /// 交易关闭.
        Closed = "6",
        /// 系统保留状态.
        Reserved = "7",
        /// 退款中 (平台未返回退款结果).
        Refunding = "8",
        /// 退款失败.
        RefundFailed = "9",
        /// A refund: to be refunded.
        RefundPending = "10",
        /// A refund: successful.
        RefundDone = "11",
        /// A refund: cancelled.
        RefundCancelled = "12",
        /// A refund: failed.
        RefundRefused = "13",
        /// A refund query: the order is cancelled.
        OrderCancelled = "14",
    }
}

dictionary! {
    /// `FUND_CHANNEL` of a `TRADEFUNDBILL` (JSON zh appendix 3; XML v1 names a part of it).
    FundChannel {
        /// 支付宝红包.
        AlipayBonus = "00",
        /// 支付宝余额.
        AlipayBalance = "10",
        /// 支付宝预存卡.
        AlipayPrepaidCard = "60",
        /// 支付宝集分宝.
        AlipayPoints = "30",
        /// 支付宝信用支付.
        AlipayCredit = "70",
        /// 折扣券.
        DiscountVoucher = "40",
        /// 预付卡.
        PrepaidCard = "80",
        /// 信用支付（消费信贷）.
        ConsumerLoan = "90",
        /// 微信支付.
        Wechat = "11",
        /// QQ钱包支付.
        Qq = "12",
        /// 百度钱包支付.
        Baidu = "13",
        /// 翼支付.
        BestPay = "14",
        /// 微信现金券支付.
        WechatCoupon = "41",
        /// QQ钱包现金券支付.
        QqCoupon = "42",
        /// 百度钱包现金券支付.
        BaiduCoupon = "43",
        /// 翼支付现金券支付.
        BestPayCoupon = "44",
        /// 支付宝理财专户.
        AlipayFinancialAccount = "100",
        /// 商户店铺卡.
        MerchantStoreCard = "101",
        /// 商户优惠券.
        MerchantCoupon = "102",
        /// 银行卡（支付宝渠道）.
        BankCardViaAlipay = "103",
        /// 商户红包.
        MerchantBonus = "104",
        /// 银行卡（银行渠道，包含借记卡和信用卡）.
        BankCard = "9001",
        /// 随机减.
        RandomDiscount = "9002",
        /// 免单.
        Free = "9003",
        /// 满立减.
        ThresholdDiscount = "9004",
        /// 单品优惠.
        ItemDiscount = "9005",
        /// 满送商品.
        GiftGoods = "9006",
        /// 代金券.
        CashVoucher = "9007",
        /// 折扣券.
        Discount = "9008",
    }
}

dictionary! {
    /// `CHANNEL_TYPE` (JSON zh appendix 2; SDK appendix 2 for 4, 6-8, 11-23, 25, 26, 28-30).
    ChannelType {
        /// 被扫接口传0自动判定渠道.
        Auto = "0",
        /// 支付宝.
        Alipay = "1",
        /// 微信.
        Wechat = "2",
        /// 招商银行.
        ChinaMerchantsBank = "3",
        /// ICBC.
        Icbc = "4",
        /// 中国建设银行.
        ConstructionBank = "5",
        /// Bank of Communications.
        BankOfCommunications = "6",
        /// Everbright Bank of China.
        EverbrightBank = "7",
        /// Huaxia Bank.
        HuaxiaBank = "8",
        /// 农行银行.
        AgriculturalBank = "9",
        /// 浦发银行.
        PudongDevelopmentBank = "10",
        /// Minsheng Bank of China.
        MinshengBank = "11",
        /// Industrial Bank.
        IndustrialBank = "12",
        /// Bank of China.
        BankOfChina = "13",
        /// CITIC Bank.
        CiticBank = "14",
        /// China Guangfa Bank.
        GuangfaBank = "15",
        /// Ping An Bank.
        PingAnBank = "16",
        /// Reserved.
        Reserved = "17",
        /// Shenzhen Development Bank.
        ShenzhenDevelopmentBank = "18",
        /// HSBC.
        Hsbc = "19",
        /// Bank of East Asia.
        BankOfEastAsia = "20",
        /// Hang Seng Bank.
        HangSengBank = "21",
        /// Citibank.
        Citibank = "22",
        /// Standard Chartered Bank.
        StandardChartered = "23",
        /// 百度钱包.
        Baidu = "24",
        /// China Mobile HeBao wallet.
        HeBao = "25",
        /// Unicom's payments.
        Unicom = "26",
        /// 电信翼支付.
        BestPay = "27",
        /// Mi Wallet.
        MiWallet = "28",
        /// Apple Pay.
        ApplePay = "29",
        /// Samsung Pay.
        SamsungPay = "30",
        /// QQ钱包.
        Qq = "31",
        /// 银联卡支付.
        UnionPay = "32",
        /// 支付宝手机网页支付.
        AlipayWap = "34",
    }
}

impl ChannelType {
    /// The number that makes a QR for a wallet (JSON zh appendix 2).
    pub fn of(channel: &Channel) -> Option<ChannelType> {
        match channel {
            Channel::Alipay => Some(ChannelType::Alipay),
            Channel::Wechat => Some(ChannelType::Wechat),
            Channel::UnionPay => Some(ChannelType::UnionPay),
            Channel::Baidu => Some(ChannelType::Baidu),
            Channel::BestPay => Some(ChannelType::BestPay),
            Channel::Qq => Some(ChannelType::Qq),
            Channel::Jd | Channel::Bank | Channel::Unknown(_) => None,
        }
    }

    /// The channel that it is; one that has no name of ours keeps its number.
    pub fn channel(self) -> Channel {
        use ChannelType as T;
        match self {
            T::Alipay | T::AlipayWap => Channel::Alipay,
            T::Wechat => Channel::Wechat,
            T::Baidu => Channel::Baidu,
            T::BestPay => Channel::BestPay,
            T::Qq => Channel::Qq,
            T::UnionPay => Channel::UnionPay,
            T::ChinaMerchantsBank
            | T::Icbc
            | T::ConstructionBank
            | T::BankOfCommunications
            | T::EverbrightBank
            | T::HuaxiaBank
            | T::AgriculturalBank
            | T::PudongDevelopmentBank
            | T::MinshengBank
            | T::IndustrialBank
            | T::BankOfChina
            | T::CiticBank
            | T::GuangfaBank
            | T::PingAnBank
            | T::ShenzhenDevelopmentBank
            | T::Hsbc
            | T::BankOfEastAsia
            | T::HangSengBank
            | T::Citibank
            | T::StandardChartered => Channel::Bank,
            T::Auto
            | T::Reserved
            | T::HeBao
            | T::Unicom
            | T::MiWallet
            | T::ApplePay
            | T::SamsungPay => Channel::Unknown(self.text().to_owned()),
            T::Unknown(text) => Channel::Unknown(text),
        }
    }
}
