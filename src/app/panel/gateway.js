// The simulated gateway beside the terminal: the plot, its books and what it was asked.

import { get, h, post, stream } from "./page.js";
import { spoken, t, yuan } from "./words.js";

const $ = (id) => document.getElementById(id);

const BEHAVIOURS = {
  approve: "approve", password: "password", slow: { approve_after: { ms: 5000 } },
  funds: { decline: "insufficient_funds" }, expired: { decline: "expired_code" },
  limit: { decline: "over_daily_limit" }, refused: { decline_after: { ms: 3000, reason: "refused" } },
  never: "never", onCancel: "pay_on_cancel", late: { pay_late: { ms: 3000 } },
};

const FAULTS = {
  silence: "silence", dropAnswer: "drop_answer", dropRequest: "drop_request",
  e500: { http500: { processed: false } }, e500p: { http500: { processed: true } },
  garbage: "garbage", wrongAmount: "wrong_amount", notFound: "stale_not_found",
};

const CALLS = ["pay", "precreate", "query", "cancel"];

/** The newest books, the newest order last. */
export let orders = [];
const watchers = [];
/** Calls back when the books changed. */
export const watchOrders = (watcher) => watchers.push(watcher);

/** What the next customer does. */
export const behaviour = () => BEHAVIOURS[$("behaviour").value];

/** Fills a select, keeping what is chosen. */
function choices(select, keys, words) {
  const chosen = select.value || keys[0];
  select.replaceChildren(...keys.map((key) => h("option", { value: key }, t(`${words}.${key}`))));
  select.value = chosen;
}

function small(text) {
  return text.length > 12 ? `…${text.slice(-10)}` : text;
}

function order(one) {
  const money = [];
  if (one.reversed_fen > 0) money.push(`${t("reversed")} ${yuan(one.reversed_fen)}`);
  if (one.refunded_fen > 0) money.push(`${t("state.refunded")} ${yuan(one.refunded_fen)}`);
  return h("article", { class: "order", "data-order": one.order, "data-state": one.state },
    h("div", {},
      h("b", {}, yuan(one.amount_fen)),
      h("span", { class: `badge ${one.state}` }, t(`state.${one.state}`))),
    h("p", {}, `${t(`wallet.${one.wallet}`)} · `, h("code", { title: one.order }, small(one.order)), money.length ? ` · ${money.join(", ")}` : ""));
}

function none(key) {
  return h("p", { class: "none" }, t(key));
}

let log = [];
function show() {
  const held = orders.reduce((sum, one) => sum + one.paid_fen - one.refunded_fen - one.reversed_fen, 0);
  const total = h("p", { class: "total" }, h("span", {}, t("total")), h("b", {}, yuan(held)));
  $("orders").replaceChildren(...(orders.length ? [total, ...orders.slice(-30).reverse().map(order)] : [none("noOrders")]));
  const rows = log.slice(-60).reverse().map((one) => h("p", { class: `call ${one.fault ? "spoilt" : ""}` },
    h("b", {}, t(`call.${one.operation}`)), h("code", { title: one.order }, small(one.order)),
    h("span", {}, one.outcome), one.fault ? h("em", {}, `⚡ ${typeof one.fault === "string" ? one.fault : Object.keys(one.fault)[0]}`) : ""));
  $("log").replaceChildren(...(rows.length ? rows : [none("noLog")]));
}

/** What a rule of the gateway's is called on this page, or its own name if another page made it. */
function armed({ rule: { operation, fault } }) {
  const plain = JSON.stringify(fault);
  const key = Object.keys(FAULTS).find((name) => JSON.stringify(FAULTS[name]) === plain);
  const name = key ? t(`faults.${key}`) : typeof fault === "string" ? fault : Object.keys(fault)[0];
  return CALLS.includes(operation) ? `${t(`call.${operation}`)} — ${name}` : name;
}

/** Those that may still spoil a call; one for a single call is over once it has. */
const alive = ({ rule, fired }) => fired < Math.min(rule.times ?? Infinity, rule.nth === undefined ? Infinity : 1);

let rules = [], cleared = false;
function showRules() {
  const names = rules.filter(alive).map(armed);
  const none = cleared ? t("noFaults") : "";
  $("armed").textContent = names.length ? `⚡ ${t("armed")}${names.join(", ")}` : none;
}

let asking = false, again = false;
/** Reads the books, and what is wrong with the gateway; once more if they changed meanwhile. */
async function read() {
  if (asking) { again = true; return; }
  asking = true;
  do {
    again = false;
    const [books, calls, faults, network] = await Promise.all(
      ["orders", "log", "faults", "online"].map((what) => get(`/gateway/${what}`)));
    if (Array.isArray(books)) orders = books;
    if (Array.isArray(calls)) log = calls;
    if (Array.isArray(faults)) rules = faults;
    if (typeof network?.online === "boolean") $("offline").checked = !network.online;
    show();
    showRules();
    for (const watcher of watchers) watcher();
  } while (again);
  asking = false;
}

async function arm() {
  const [fault, operation] = [$("fault").value, $("fault-call").value];
  if (await post("/gateway/fault", { operation, nth: 1, fault: FAULTS[fault] })) await read();
}

/** Starts the gateway's part of the page. */
export function begin() {
  spoken(() => {
    choices($("behaviour"), Object.keys(BEHAVIOURS), "behaviours");
    choices($("fault"), Object.keys(FAULTS), "faults");
    choices($("fault-call"), CALLS, "call");
    show();
    showRules();
  });
  $("arm").addEventListener("click", arm);
  $("disarm").addEventListener("click", async () => {
    if (!await post("/gateway/clear-faults")) return;
    cleared = true;
    await read();
  });
  $("offline").addEventListener("change", async (event) => {
    const box = event.target;
    if (!await post("/gateway/online", { online: !box.checked })) box.checked = !box.checked;
  });
  stream("/gateway/events", { change: read });
}
