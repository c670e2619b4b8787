//! Every string of the product, in both languages, in one table.
//!
//! Written for a cashier: short, no jargon, and what to do rather than what failed inside. `{}`
//! stands for a number. A new character needs `assets/make-fonts.sh` to be run again; a test says
//! so.

macro_rules! texts {
    ($($(#[$section:meta])* $name:ident: $zh:literal, $en:literal;)*) => {
        /// A string of the product. The caller names it; the screen knows the words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Text {
            $($(#[$section])* #[doc = $en] $name,)*
        }

        impl Text {
            /// Every string, for tests and for tables of codes.
            pub fn all() -> &'static [Text] {
                &[$(Text::$name,)*]
            }

            pub(super) fn zh_cn(self) -> &'static str {
                match self { $(Text::$name => $zh,)* }
            }

            pub(super) fn en(self) -> &'static str {
                match self { $(Text::$name => $en,)* }
            }
        }
    };
}

texts! {
    // Screens
    Starting: "正在启动", "Starting";
    EnterAmount: "请输入金额", "Enter the amount";
    AmountToCharge: "收款金额", "Amount to charge";
    ScanCustomerCode: "请扫描顾客的付款码", "Scan the customer's code";
    OrTapPhone: "或请顾客手机靠近感应区", "or let the customer tap a phone";
    CustomerScansThis: "请顾客扫码付款", "The customer scans this";
    FetchingCode: "正在获取二维码", "Fetching the code";
    CodeNotShown: "二维码无法显示", "The code cannot be shown";
    WaitingForCustomer: "等待顾客付款", "Waiting for the customer";
    Charging: "正在收款", "Charging";
    MayBeEnteringPassword: "顾客可能正在输入密码", "The customer may be entering a password";
    CheckingWithGateway: "正在确认结果", "Checking with the gateway";
    KeepGoods: "请先不要交货", "Do not hand over the goods yet";
    Cancelling: "正在撤销", "Cancelling";
    SecondsLeft: "剩余 {} 秒", "{} s left";
    SecondsWaited: "已等待 {} 秒", "{} s so far";

    // Results
    Paid: "收款成功", "Paid";
    NotCharged: "未收款", "Not charged";
    Reversed: "已撤销", "Cancelled";
    VoidRefused: "撤销未成功", "Not cancelled, still paid";
    Unresolved: "结果未确定", "NOT CERTAIN";
    Discrepancy: "账目不符", "Discrepancy";
    StillChecking: "终端会继续查询", "The terminal goes on checking";
    OrderNumber: "单号", "Order";

    // Status bar
    OpenCount: "未决 {}", "{} open";
    WarnPlaintext: "连接未加密", "NOT ENCRYPTED";
    WarnTestGateway: "测试网关", "TEST GATEWAY";
    WarnJournal: "账本故障", "JOURNAL FAULT";
    KeypadAbsent: "键盘未连接", "No keypad";
    KeypadFailed: "键盘故障", "Keypad fault";
    ScannerAbsent: "扫码枪未连接", "No scanner";
    ScannerFailed: "扫码枪故障", "Scanner fault";
    NfcAbsent: "感应器未连接", "No NFC";
    NfcFailed: "感应器故障", "NFC fault";
    PrinterAbsent: "打印机未连接", "No printer";
    PrinterFailed: "打印机故障", "Printer fault";
    PrinterNoPaper: "打印机缺纸", "No paper";
    PrinterCoverOpen: "打印机盖未合", "Cover open";
    BeeperAbsent: "蜂鸣器未连接", "No beeper";
    BeeperFailed: "蜂鸣器故障", "Beeper fault";
    BacklightAbsent: "背光未连接", "No backlight";
    BacklightFailed: "背光故障", "Backlight fault";
    ReprintMark: "重印", "REPRINT";
    ReceiptNotPrinted: "小票没有打印", "A receipt was not printed";
    ReceiptGoesOut: "小票正在打印", "The receipt is being printed";
    ReceiptsWaiting: "小票待打印", "To print";

    // Keys and what they do
    KeyDigits: "数字", "0-9";
    KeyEnter: "确认", "Enter";
    KeyQr: "二维码", "QR";
    KeyCancel: "取消", "Cancel";
    KeyMenu: "菜单", "Menu";
    KeyUpDown: "↑↓", "↑↓";
    KeyAny: "任意键", "Any key";
    DoScan: "扫码", "scan";
    DoShowCode: "出示码", "show code";
    DoBack: "返回", "back";
    DoCancelSale: "撤销", "cancel the sale";
    DoEnterAmount: "输入金额", "amount";
    DoOptions: "选项", "options";
    DoWallet: "换钱包", "wallet";
    DoChoose: "选择", "choose";
    DoOpen: "打开", "open";
    DoPrint: "打印", "print";
    DoNextSale: "下一笔", "next sale";

    // Menu and lists
    Menu: "菜单", "Menu";
    OpenCharges: "未决交易", "Open charges";
    LastSales: "最近交易", "Last sales";
    Language: "语言 / Language", "Language / 语言";
    Health: "设备状态", "Health";
    Reprint: "重打小票", "Print again";
    SettleOpen: "立即查询未决交易", "Settle open charges now";
    ListEmpty: "没有记录", "Nothing here";
    SaleDetail: "交易详情", "Sale";
    Refunded: "已退款", "Refunded";
    Refunding: "退款处理中", "Refund in progress";
    RefundRefused: "退款未成功", "Refund refused";

    // Refunds
    RefundNotAllowed: "这笔交易不能退款", "This order cannot be refunded";
    RefundNoBalance: "商户余额不足，无法退款", "The merchant's balance does not cover it";
    RefundFailed: "退款失败", "The refund failed";
    RefundUnclear: "退款结果未知", "Not known whether it was refunded";
    DoNotRefundAgain: "请不要再次退款，终端会继续查询", "Do not refund again; this one is being asked about";
    RefundGoingOn: "这笔交易有退款处理中", "Another refund of this order is going on";
    OrderNotPaid: "这笔交易未收款", "The order is not paid";

    // Wallets
    WalletAlipay: "支付宝", "Alipay";
    WalletWechat: "微信支付", "WeChat Pay";
    WalletUnionPay: "云闪付", "UnionPay";
    WalletBaidu: "百度钱包", "Baidu Wallet";
    WalletBestPay: "翼支付", "BestPay";
    WalletQq: "QQ 钱包", "QQ Wallet";
    WalletJd: "京东支付", "JD Pay";
    WalletBank: "银行", "Bank";
    WalletUnknown: "未知钱包", "Unknown wallet";

    // Reasons: why no money moved, or why it is not known
    CodeExpired: "付款码已过期", "The customer's code has expired";
    CodeInvalid: "付款码无效", "The customer's code is not valid";
    InsufficientFunds: "顾客余额不足", "The customer has too little money";
    BuyerLimit: "超出顾客的支付限额", "Over the customer's limit";
    SellerLimit: "超出商户的收款限额", "Over the merchant's limit";
    TradeFailed: "交易失败", "The payment failed";
    TradeClosed: "交易已关闭", "The payment was closed";
    PaymentDeclined: "支付被拒绝或密码错误", "Payment declined or wrong password";
    GatewayRefused: "支付网关拒绝了请求", "The gateway refused the request";
    BadSignature: "签名不符：密钥或时钟有误", "Signature refused: wrong key or clock";
    BadParameter: "请求参数有误", "The request was not accepted as written";
    UnknownTerminal: "终端未登记或未激活", "This terminal is not registered";
    UnknownMerchant: "商户未登记", "This merchant is not registered";
    InvalidContract: "商户未开通此支付方式", "The merchant has no contract for this wallet";
    AmountRejected: "金额不被接受", "The amount is not accepted";
    ChannelUnavailable: "此支付方式暂不可用", "This wallet is not available now";
    NeverSent: "网络不通，请求没有发出", "Network: nothing was sent";
    GatewayNotTrusted: "网关不受信任，请求没有发出", "The gateway is not trusted; nothing was sent";
    NeverArrived: "请求没有到达网关", "The request never reached the gateway";
    CancelledByCashier: "收银员已取消", "Cancelled by the cashier";
    AwaitTimeout: "没有扫到付款码", "No code was scanned";
    CancelledOnTimeout: "等待超时，已撤销", "Took too long and was cancelled";
    QrExpired: "二维码已过期", "The code on the screen has expired";
    JournalFailed: "账本写入失败，没有收款", "The journal could not be written; nothing was charged";
    NoClearAnswer: "网关没有给出明确结果", "The gateway gave no clear answer";
    NotFoundYet: "网关暂时查不到这笔交易", "The gateway does not find the sale yet";
    OrderNotFound: "网关查不到这笔交易", "The gateway does not know it";
    LoginRefused: "登录被拒绝", "The login was refused";
    NoAnswer: "网关没有应答", "No answer from the gateway";
    GatewayFault: "支付网关故障", "The gateway has a fault";
    Unreadable: "网关应答无法识别", "The gateway's answer could not be read";
    Mismatch: "应答与本单的单号、商户或金额不符", "The answer is for another order, merchant or amount";
    WalletUncertain: "钱包方结果不明", "The wallet itself is not certain";
    StillPending: "顾客尚未完成付款", "The customer has not finished paying";
    Interrupted: "交易中途断电或重启", "Interrupted by power loss or restart";
    PaidLate: "后来确认已付款", "It was paid after all";
    PaidAfterReversal: "撤销之后仍有付款", "Paid after it was cancelled";
    PaidNoMore: "已显示收款成功，网关查询为未收款", "Was paid, but the gateway now says it is not";

    // Advice: what to do
    AskRefreshCode: "请顾客刷新付款码后重试", "Ask the customer to refresh the code";
    AskOtherWallet: "请顾客换一种支付方式", "Ask for another wallet or card";
    TryAgain: "请重试", "Please try again";
    CheckNetwork: "请检查网络连接", "Check the network";
    CallSupport: "请联系客服", "Call support";
    CallIntegrator: "请联系系统服务商", "Call your system integrator";
    DoNotHandOver: "请先不要交货，终端会继续查询",
        "Do not hand over the goods; the terminal goes on checking";
    HandOverOrRefund: "请交货或为顾客办理退款", "Hand over the goods, or refund";
    HandOverGoods: "可以交货", "You may hand over the goods";
    OfferRefund: "请为顾客办理退款", "Offer the customer a refund";
    CheckClockAndKey: "请检查时钟和密钥", "Check the clock and the key";
    EnterLess: "请输入较小的金额", "Enter a smaller amount";
    StopSelling: "请停止收款并联系客服", "Stop selling and call support";
    AskCustomerApp: "请询问顾客手机上的付款结果", "Ask what the customer's phone shows";
    WaitAndSee: "请稍候", "Please wait";

    // Amount entry
    AmountIsZero: "金额不能为零", "The amount cannot be zero";
    AmountTooBig: "金额过大", "The amount is too big";
    AmountNotValid: "金额格式不对", "This is not an amount";

    // What the scanner read and why it does not count
    ScanIsProduct: "这是商品条码，不是付款码", "That is a product, not a payment code";
    ScanIsUrl: "这是网址，不是付款码", "That is a web address, not a payment code";
    ScanIsTooLong: "内容过长，不是付款码", "Too long for a payment code";
    ScanIsNotACode: "这不是付款码", "That is not a payment code";
    ScanNoRead: "没有读到，请再扫一次", "Not read; please scan again";
    TapNotRead: "没有读到，请再靠近一次", "Not read; please tap again";
    TapCannotPay: "没有读到付款码，请换一种付款方式", "Nothing to pay with; use another way";
    TapStillThere: "请先收回手机，再靠近一次", "Lift the phone, then tap again";
    ScanUnknownWallet: "未知类型的码，已照常提交", "Unknown kind of code; passed on as it is";

    // Devices
    PrinterOut: "打印机缺纸或未连接", "The printer is out of paper or not connected";
    JournalUnwritable: "账本无法写入", "The journal cannot be written";
    SalesStopped: "已停止收款", "Sales are stopped";

    // Health
    Gateway: "支付网关", "Gateway";
    Good: "正常", "Good";
    Bad: "故障", "Fault";
    Absent: "未连接", "Not connected";
}
