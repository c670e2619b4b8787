// The customer's phone: shows a payment code, or scans the terminal's screen; and decides.

import { put, h, oops, post, state, watch } from "./page.js";
import { behaviour, orders, watchOrders } from "./gateway.js";
import { spoken, t, yuan } from "./words.js";

const $ = (id) => document.getElementById(id);
const WALLETS = ["wechat", "alipay", "unionpay", "baidu"];

/** A code is good for a minute; one this old is renewed before it is shown to the scanner. */
const CODE_GOOD_MS = 50_000;

const phone = {
  wallet: "wechat",
  code: "",
  shownAt: 0,
  /** "code", "waiting", "offer" (a scanned QR), "left" or "over". */
  page: "code",
  /** The order that the phone follows. */
  order: null,
  /** The QR that was scanned, and what the wallet says of it. */
  qr: null,
  offer: null,
  wrong: false,
  /** Whether its wallet asks for a password. */
  asks: false,
};

// ── the bar code: Code 128, digits in pairs ──

const BARS = ("212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232").match(/.{6}/g);
const START_C = 105, TO_B = 100, STOP = "2331112";

function barcode(code) {
  const values = [START_C];
  const even = code.length - (code.length % 2);
  for (let at = 0; at < even; at += 2) values.push(Number(code.slice(at, at + 2)));
  if (even < code.length) values.push(TO_B, code.charCodeAt(even) - 32);
  const check = values.reduce((sum, value, place) => sum + value * Math.max(place, 1), 0) % 103;
  const widths = [...values, check].map((value) => BARS[value]).join("") + STOP;
  let x = 0, path = "";
  [...widths].forEach((width, place) => {
    if (place % 2 === 0) path += `M${x} 0h${width}v40h-${width}z`;
    x += Number(width);
  });
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `-10 0 ${x + 20} 40`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "bars");
  svg.setAttribute("aria-hidden", "true");
  const bars = document.createElementNS(space, "path");
  bars.setAttribute("d", path);
  svg.append(bars);
  return svg;
}

// ── what it shows ──

function button(word, act, kind = "") {
  return h("button", { type: "button", class: kind, "data-act": word, onclick: act }, t(word));
}

function codePage() {
  const groups = phone.code.replace(/(\d{4})(?=\d)/g, "$1 ");
  return [
    h("p", { class: "lead" }, t("showToSeller")),
    h("div", { class: "card" }, barcode(phone.code), h("p", { class: "digits", id: "code", "data-code": phone.code }, groups)),
    button("newCode", () => fresh(), "link"),
  ];
}

function amount(fen, under) {
  return [h("p", { class: "lead" }, under), h("p", { class: "sum" }, yuan(fen))];
}

function offerPage() {
  return [
    ...amount(phone.offer.amount_fen, `${t("payTo")} ${phone.offer.subject || phone.offer.merchant}`),
    h("p", { class: "warn" }, phone.wrong ? t("wrongSaid") : ""),
    button("pay", payQr, "main"),
    button("wrong", wrong),
    button("decline", () => decide("/gateway/decline")),
    button("leave", leave, "link"),
  ];
}

function passwordPage(order) {
  return [
    ...amount(order.amount_fen, `${t("payTo")} ${order.subject || order.merchant}`),
    h("p", { class: phone.wrong ? "warn" : "" }, t(phone.wrong ? "wrongSaid" : "askPassword")),
    button("approve", () => decide("/gateway/approve"), "main"),
    button("wrong", wrong),
    button("decline", () => decide("/gateway/decline")),
    button("leave", leave, "link"),
  ];
}

const ENDS = {
  paid: ["✓", "paid", "good"], partly_refunded: ["✓", "paid", "good"], refunding: ["↩", "refunded", ""], refunded: ["↩", "refunded", ""],
  declined: ["✕", "declined", "bad"], expired: ["✕", "expired", "bad"], revoked: ["↩", "revoked", ""], revoke_requested: ["↩", "revoked", ""],
};

function endPage(order) {
  const [sign, word, kind] = ENDS[order.state];
  return [
    h("p", { class: `sign ${kind}`, "aria-hidden": "true" }, sign),
    h("p", { class: "said", "data-end": order.state }, t(word)),
    h("p", { class: "sum" }, yuan(order.amount_fen)),
    button("done", () => fresh(), "link"),
  ];
}

function sheet() {
  const order = orders.find((one) => one.order === phone.order);
  if (order && ENDS[order.state] && ["waiting", "offer", "left"].includes(phone.page)) return endPage(order);
  switch (phone.page) {
    case "waiting": return order && phone.asks ? passwordPage(order) : [h("p", { class: "lead" }, t("waiting")), h("i", { class: "spin" }), button("newCode", () => fresh(), "link")];
    case "offer": return offerPage();
    default: return phone.code ? codePage() : [h("p", { class: "lead" }, "…")];
  }
}

function show() {
  put($("wallets"), WALLETS.map((wallet) => h("button", {
    type: "button", "aria-pressed": String(wallet === phone.wallet), "data-wallet": wallet,
    onclick: () => { phone.wallet = wallet; fresh(); },
  }, t(`wallet.${wallet}`))));
  put($("sheet"), sheet());
  $("sheet").parentElement.dataset.wallet = phone.wallet;
  offerActs();
}

/** Only what can be done now stands out. */
function offerActs() {
  $("hold").textContent = t("hold");
  $("tap").textContent = t("tap");
  $("look").textContent = t("look");
  const looking = state.screen === "present" && Boolean(state.qr);
  $("look").classList.toggle("main", looking);
  $("hold").classList.toggle("main", state.screen === "await_code");
  $("look").disabled = !looking;
}

// ── what it does ──

/** A new code, as wallets show one every minute. */
async function fresh() {
  const made = await post("/gateway/show-code", { wallet: phone.wallet });
  Object.assign(phone, { page: "code", order: null, qr: null, offer: null, wrong: false });
  if (made) Object.assign(phone, { code: made.code, shownAt: Date.now() });
  show();
}

/** Shows the code to the scanner or the reader, and follows the order that comes of it. */
async function present(path, body) {
  if (phone.page !== "code" || Date.now() - phone.shownAt > CODE_GOOD_MS) await fresh();
  const { code } = phone;
  const does = behaviour();
  if (!code || !await post("/gateway/customer", { code, behaviour: does })) return;
  const order = state.screen === "await_code" ? state.order : null;
  if (!await post(path, body(code))) return;
  // The scanner read it, and the terminal takes no code that it does not await.
  if (!order) return oops(t("notAwaited"));
  Object.assign(phone, { page: "waiting", order, asks: does === "password" });
  show();
}

/** Reads the code that stands on the terminal's screen. */
async function look() {
  const { qr } = state;
  if (!qr) return;
  const offer = await post("/gateway/scan-qr", { qr });
  if (!offer) return;
  Object.assign(phone, { page: "offer", qr, offer, order: offer.order, wallet: WALLETS.includes(offer.wallet) ? offer.wallet : phone.wallet, wrong: false });
  show();
}

async function payQr() {
  await post("/gateway/pay-qr", { qr: phone.qr });
}

async function decide(path) {
  await post(path, { order: phone.order });
}

/** The wallet asks again; the gateway hears nothing of it. */
function wrong() {
  phone.wrong = true;
  show();
}

function leave() {
  phone.page = "left";
  show();
}

/** Starts the phone. */
export function begin() {
  $("hold").addEventListener("click", () => present("/scan", (text) => ({ text })));
  $("tap").addEventListener("click", () => present("/nfc", (token) => ({ token })));
  $("look").addEventListener("click", look);
  watchOrders(() => { if (phone.page !== "code") show(); });
  watch((now, before) => {
    offerActs();
    // The sale is over at the counter: the phone goes back to its code.
    if (before.screen === "result" && now.screen !== "result") fresh();
  });
  spoken(show);
  fresh();
}
