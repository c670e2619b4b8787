// The page's words in both languages, and which of them is spoken.

const WORDS = {
  zh: {
    language: "English", terminal: "收银终端", keypad: "键盘", customer: "顾客的手机",
    wallets: "选择钱包", demo: "演示 · 模拟网关，非真实资金", run: "终端面板",
    live: "已连接", lost: "已断开，正在重连",
    shortcuts: "快捷键：0–9 .　Enter 确认　Esc 取消　Backspace 退格　S 扫码　Q 二维码　M 菜单（可换语言）",
    byHand: "手动扫码或贴卡", scanLabel: "扫码枪读到的内容", scanDo: "扫码",
    nfcLabel: "NFC 读到的内容", nfcDo: "贴卡",
    hold: "把付款码对准扫码枪", tap: "NFC 贴近", look: "扫描终端屏幕上的二维码",
    newCode: "换一个付款码", showToSeller: "向商家出示付款码",
    pay: "付款", approve: "输入密码并付款", wrong: "输错密码", decline: "拒绝付款", leave: "不管它",
    payTo: "付款给", wrongSaid: "密码错误，请重试", askPassword: "请输入支付密码",
    paid: "支付成功", declined: "未支付", revoked: "订单已撤销", expired: "订单已过期",
    waiting: "等待收银终端…", done: "完成", refunded: "已退款",
    script: "安排剧情", behaviour: "下一位顾客会", fault: "网关故障（一次）", faultCall: "发生在下一次",
    arm: "设置", disarm: "清除", armed: "已就绪：", noFaults: "故障已清除",
    offline: "网关断网", orders: "账本", log: "请求", receipts: "小票",
    notAwaited: "终端现在不等付款码：先输入金额，再按“扫码”。",
    note: "为了让您尽快看到结局，演示缩短了等待：付款 20 秒，确认 20 秒，在途 20 秒（真实终端为 85、60、80 秒）。",
    noOrders: "网关还没有订单。", noLog: "网关还没有收到请求。", noReceipts: "还没有打印小票。",
    total: "网关实收", copy: "小票", reversed: "已退回",
    keys: { enter: "确认", clear: "清除", back: "退格", cancel: "取消", menu: "菜单", up: "上", down: "下", scan: "扫码", qr: "二维码" },
    wallet: { wechat: "微信支付", alipay: "支付宝", unionpay: "云闪付", baidu: "百度钱包", jd: "京东", qq: "QQ 钱包", bestpay: "翼支付" },
    state: { pending: "待支付", paid: "已支付", partly_refunded: "部分退款", refunded: "已退款", refunding: "退款中", declined: "已拒绝", expired: "已过期", revoke_requested: "撤销中", revoked: "已撤销" },
    call: { pay: "付款", precreate: "下单(二维码)", query: "查询", cancel: "撤销", refund: "退款", refund_query: "退款查询", revoke: "手工撤销" },
    behaviours: { approve: "立即付款", password: "需要输入密码（在手机上操作）", slow: "5 秒后付款", funds: "余额不足", expired: "付款码已过期", limit: "超出当日限额", refused: "3 秒后拒绝", never: "一直不操作", onCancel: "在终端撤销的同时付款", late: "撤销完成 3 秒后才付款（钱包出错）" },
    faults: { silence: "已处理但不回复（超时）", dropAnswer: "已处理，回复丢失", dropRequest: "请求丢失", e500: "回复 HTTP 500（未处理）", e500p: "已处理，却回复 HTTP 500", garbage: "回复乱码", wrongAmount: "回复的金额不对", notFound: "谎称订单不存在" },
    coach: {
      starting: "终端正在启动…",
      idle: "用键盘输入金额，例如 1 2 . 3 4。", welcome: "用键盘输入金额，例如 1 2 . 3 4。",
      amount: "按“扫码”或“确认”扫描顾客的付款码；按“二维码”让顾客来扫。",
      await_code: "轮到顾客：在手机上点“把付款码对准扫码枪”。", await_code_run: "终端在等顾客的付款码：用扫码枪或下方的框。",
      charging: "终端正在向网关收款…", present: "轮到顾客：用手机“扫描终端屏幕上的二维码”。", present_run: "顾客用钱包扫描屏幕上的二维码。",
      confirming: "结果还不确定，终端正在查询。顾客可能要在手机上输入密码。", reversing: "终端正在撤销这笔收款，并确认没有扣款。",
      result: "这笔交易结束了。按任意键继续。", menu: "上、下选择，确认进入，取消返回。", list: "上、下选择，确认查看，取消返回。", notice: "按任意键继续。",
    },
    said: { paid: "已支付", not_charged: "未扣款", unresolved: "结果未确定", reversed: "已撤销" },
  },
  en: {
    language: "中文", terminal: "The terminal", keypad: "Keypad", customer: "The customer's phone",
    wallets: "Choose a wallet", demo: "Demo · simulated gateway, no real money", run: "Terminal panel",
    live: "Connected", lost: "Disconnected, trying again",
    shortcuts: "Keyboard: 0–9 . Enter Backspace, Esc cancel, S scan, Q code, M menu (language)",
    byHand: "Scan or tap by hand", scanLabel: "What the scanner reads", scanDo: "Scan",
    nfcLabel: "What the NFC reader reads", nfcDo: "Tap",
    hold: "Hold under the scanner", tap: "Tap (NFC)", look: "Scan the terminal's screen",
    newCode: "New code", showToSeller: "Show this code to the cashier",
    pay: "Pay", approve: "Type password, pay", wrong: "Wrong password", decline: "Decline", leave: "Leave it",
    payTo: "Pay to", wrongSaid: "Wrong password, try again", askPassword: "Type your payment password",
    paid: "Paid", declined: "Not paid", revoked: "Order cancelled", expired: "Order expired",
    waiting: "Waiting for the terminal…", done: "Done", refunded: "Refunded",
    script: "Write the plot", behaviour: "The next customer", fault: "A fault at the gateway, once", faultCall: "At the next request of this kind",
    arm: "Arm", disarm: "Clear", armed: "Armed: ", noFaults: "No faults",
    offline: "Gateway offline", orders: "Books", log: "Requests", receipts: "Receipts",
    notAwaited: "The terminal awaits no code now: type an amount, then press Scan.",
    note: "So that you see endings soon, the demo waits less than a real terminal: charge 20 s, confirm 20 s, in flight 20 s (instead of 85, 60 and 80).",
    noOrders: "No orders at the gateway yet.", noLog: "The gateway has had no request yet.", noReceipts: "Nothing printed yet.",
    total: "The gateway holds", copy: "Receipt", reversed: "returned",
    keys: { enter: "Enter", clear: "Clear", back: "Back", cancel: "Cancel", menu: "Menu", up: "Up", down: "Down", scan: "Scan", qr: "QR" },
    wallet: { wechat: "WeChat Pay", alipay: "Alipay", unionpay: "UnionPay", baidu: "Baidu", jd: "JD", qq: "QQ", bestpay: "Bestpay" },
    state: { pending: "pending", paid: "paid", partly_refunded: "partly refunded", refunded: "refunded", refunding: "refunding", declined: "declined", expired: "expired", revoke_requested: "cancelling", revoked: "cancelled" },
    call: { pay: "pay", precreate: "precreate", query: "query", cancel: "cancel", refund: "refund", refund_query: "refund query", revoke: "revoke" },
    behaviours: { approve: "pays at once", password: "has to type a password (on the phone)", slow: "pays after 5 seconds", funds: "has insufficient funds", expired: "shows an expired code", limit: "is over the daily limit", refused: "declines after 3 seconds", never: "never answers", onCancel: "pays just as the terminal cancels", late: "pays 3 s after the cancel was done (the wallet's fault)" },
    faults: { silence: "processed, never answered (time-out)", dropAnswer: "processed, the answer is lost", dropRequest: "the request is lost", e500: "HTTP 500, not processed", e500p: "processed, yet HTTP 500", garbage: "answers garbage", wrongAmount: "answers another amount", notFound: "says there is no such order" },
    coach: {
      starting: "The terminal is starting…",
      idle: "Type an amount on the keypad, such as 1 2 . 3 4.",
      welcome: "Type an amount on the keypad, such as 1 2 . 3 4. (For a screen in English: Menu, ▲, Enter.)",
      amount: "Press Scan or Enter to read the customer's code, or QR to show a code to be scanned.",
      await_code: "The customer's turn: on the phone, press “Hold under the scanner”.", await_code_run: "The terminal awaits the customer's code: use the scanner, or the box below.",
      charging: "The terminal is charging at the gateway…", present: "The customer's turn: on the phone, press “Scan the terminal's screen”.", present_run: "The customer scans the code on the screen with a wallet.",
      confirming: "Not certain yet: the terminal is asking. The customer may have to type a password on the phone.", reversing: "The terminal is reversing the charge and making sure that nothing was taken.",
      result: "This sale is over. Any key goes on.", menu: "Up and Down choose, Enter opens, Cancel leaves.", list: "Up and Down choose, Enter shows, Cancel leaves.", notice: "Any key goes on.",
    },
    said: { paid: "paid", not_charged: "not charged", unresolved: "not certain", reversed: "reversed" },
  },
};

let language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
const listeners = [];

/** The word of a dotted key; the key's end where there is none. */
export function t(key) {
  const found = key.split(".").reduce((at, part) => at?.[part], WORDS[language]);
  return typeof found === "string" ? found : key.split(".").pop();
}

/** Calls back now and whenever the language changes. */
export function spoken(listener) {
  listeners.push(listener);
  listener();
}

function speak() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const listener of listeners) listener();
}

/** Starts speaking, and lets `button` change the language. */
export function start(button) {
  const label = () => { button.textContent = t("language"); button.lang = language === "zh" ? "en" : "zh-CN"; };
  button.addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; speak(); });
  listeners.push(label);
  speak();
}

/** 1234 fen as ¥12.34, without floats. */
export function yuan(fen) {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fen < 0 ? "−" : ""}¥${whole}.${digits.slice(-2)}`;
}
