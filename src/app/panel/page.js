// The terminal on the page: its screen, keys, scanner and receipts. Everything is pushed; nothing
// is asked for in a loop.

import { start, spoken, t, yuan } from "./words.js";

const $ = (id) => document.getElementById(id);

/** An element with attributes and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Shows these in a place, unless it shows the same already: a button that is being pressed stays. */
export function put(place, nodes) {
  const shown = [...place.childNodes];
  const next = nodes.map((node) => (typeof node === "string" ? document.createTextNode(node) : node));
  if (shown.length === next.length && shown.every((node, at) => node.isEqualNode(next[at]))) return;
  place.replaceChildren(...next);
}

/** What the terminal told last. */
export let state = { screen: "starting", qr: null, order: null };
const watchers = [];
/** Calls back with each state and the one before. */
export const watch = (watcher) => watchers.push(watcher);

let hushing;
/** Says what went wrong, for a while. */
export function oops(message) {
  clearTimeout(hushing);
  $("oops").textContent = message;
  $("oops").hidden = false;
  hushing = setTimeout(() => { $("oops").hidden = true; }, 6000);
}

/** Posts JSON; the answer, or null after it was said what is wrong. */
export async function post(path, body = {}) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    oops(said.error ?? `${path}: HTTP ${answer.status}`);
  } catch {
    oops(t("lost"));
  }
  return null;
}

export async function get(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Keeps a pushed stream open while somebody looks: a browser has few connections to a host. */
export function stream(path, events, alive = () => {}) {
  let source = null;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(path);
    source.onopen = () => alive(true);
    source.onerror = () => alive(false);
    for (const [name, handler] of Object.entries(events)) source.addEventListener(name, (event) => handler(event.data));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); source = null; } else open();
  });
  open();
}

// ── the screen ──

const canvas = $("screen");
let wanted = null, loading = false;

/** Loads the newest version; those that came meanwhile are skipped. */
async function draw(version) {
  wanted = version;
  if (loading) return;
  loading = true;
  while (wanted !== null) {
    const next = wanted;
    wanted = null;
    try {
      const answer = await fetch(`/screen.png?v=${next}`);
      if (!answer.ok) continue;
      const picture = await createImageBitmap(await answer.blob());
      if (canvas.width !== picture.width || canvas.height !== picture.height) shape(picture.width, picture.height);
      canvas.getContext("2d").drawImage(picture, 0, 0);
      canvas.dataset.version = next;
    } catch {
      // The stream tells of a connection that is gone, and of the frame after it.
    }
  }
  loading = false;
}

function shape(width, height) {
  canvas.width = width;
  canvas.height = height;
  $("device").classList.toggle("lying", width > height);
  $("device").style.setProperty("--ratio", width / height);
  $("device").style.setProperty("--own", `${width}px`);
}

// ── the keys ──

let pressing = Promise.resolve();
/** Presses a key; in order, however fast they come. */
export function press(key) {
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("down");
  setTimeout(() => button?.classList.remove("down"), 120);
  pressing = pressing.then(() => post("/key", { key }));
  return pressing;
}

const MARKS = { enter: "⏎", clear: "C", back: "⌫", cancel: "✕", menu: "☰", up: "▲", down: "▼" };

function keys(known) {
  for (const button of document.querySelectorAll("[data-key]")) {
    const key = button.dataset.key;
    button.hidden = !known.includes(key);
    // A key that was clicked must not take the Enter that follows.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => press(key));
    spoken(() => {
      const name = /^[\d.]/.test(key) ? key : t(`keys.${key}`);
      button.setAttribute("aria-label", name);
      button.replaceChildren();
      if (MARKS[key]) button.append(h("b", { "aria-hidden": "true" }, MARKS[key]));
      if (!["up", "down"].includes(key)) button.append(h("span", {}, name));
    });
  }
}

const SHORTCUTS = { Enter: "enter", Escape: "cancel", Backspace: "back", Delete: "clear", ArrowUp: "up", ArrowDown: "down", s: "scan", q: "qr", m: "menu", ",": "." };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const at = document.activeElement;
  if (at?.matches("input:not([type=checkbox]), select, textarea")) return;
  // What has the focus takes its own keys.
  if (["Enter", "ArrowUp", "ArrowDown"].includes(event.key) && at?.matches("button, summary, [tabindex], input")) return;
  const key = /^[\d.]$/.test(event.key) ? event.key : SHORTCUTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!key) return;
  event.preventDefault();
  if (!event.repeat || key === "back") press(key);
});

// ── scanner and reader by hand ──

function byHand(form, input, send) {
  $(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send($(input).value)) $(input).value = "";
  });
}
byHand("scan-form", "scan-text", (text) => post("/scan", { text }));
byHand("nfc-form", "nfc-text", (token) => post("/nfc", { token }));

// ── receipts ──

let printed = "";
async function receipts() {
  const all = await get("/receipts.json");
  if (!all) return;
  const now = JSON.stringify(all);
  if (now === printed && $("receipts").children.length) return;
  printed = now;
  const papers = all.slice(-20).reverse().map((receipt) => h("article", { class: "paper", "data-receipt": "" }, ...receipt.lines.map(line)));
  $("receipts").replaceChildren(...(papers.length ? papers : [h("p", { class: "none" }, t("noReceipts"))]));
}

function line(one) {
  switch (one.kind) {
    case "text": return h("p", { class: `${one.align} ${one.bold ? "bold" : ""} ${one.double ? "double" : ""}` }, one.text);
    case "pair": return h("p", { class: "pair" }, h("span", {}, one.left), h("span", {}, one.right));
    case "rule": return h("hr");
    case "qr": return h("p", { class: "center" }, `▣ ${one.text}`);
    default: return h("p", {}, "\u00a0");
  }
}

// ── tabs ──

/** Shows one of the panes; `tabs` that are not there are hidden. */
export function tab(name) {
  for (const button of $("tabs").children) {
    const mine = button.id === `tab-${name}`;
    button.setAttribute("aria-selected", mine);
    button.tabIndex = mine ? 0 : -1;
    $(button.getAttribute("aria-controls")).hidden = !mine;
  }
}
for (const button of $("tabs").children) button.addEventListener("click", () => tab(button.id.slice(4)));
$("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const shown = [...$("tabs").children].filter((button) => !button.hidden);
  const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
  next?.click();
  next?.focus();
});

// ── what the terminal tells ──

let about = { gateway: false, keys: [] };
/** Nothing was done yet: a visitor may not read the language of the demo's screen. */
let welcome = true;

function say() {
  const screen = state.screen;
  const alone = about.gateway ? "" : "_run";
  welcome &&= about.gateway && ["starting", "idle"].includes(screen);
  const key = ["await_code", "present"].includes(screen) ? `coach.${screen}${alone}`
    : welcome && screen === "idle" ? "coach.welcome" : `coach.${screen}`;
  $("coach").textContent = t(key);
  $("coach").dataset.screen = screen;
  const parts = [t("terminal"), t(key)];
  if (state.amount_fen !== null && state.amount_fen !== undefined) parts.splice(1, 0, yuan(state.amount_fen));
  if (state.outcome) parts.splice(1, 0, t(`said.${state.outcome}`));
  canvas.setAttribute("aria-label", parts.join(" · "));
  document.body.dataset.screen = screen;
  document.body.dataset.outcome = state.outcome ?? "";
}

function told(text) {
  const before = state;
  state = JSON.parse(text);
  if (before.screen !== state.screen || before.outcome !== state.outcome) {
    say();
    $("said").textContent = canvas.getAttribute("aria-label");
  }
  if (before.screen !== state.screen || before.open !== state.open) receipts();
  for (const watcher of watchers) watcher(state, before);
}

async function main() {
  start($("language"));
  about = (await get("/panel.json")) ?? about;
  shape(about.width ?? 480, about.height ?? 800);
  keys(about.keys);
  $("by-hand").open = !about.gateway;
  $("with-gateway").hidden = $("with-phone").hidden = $("note").hidden = !about.gateway;
  $("tab-orders").hidden = $("tab-log").hidden = !about.gateway;
  document.body.classList.toggle("alone", !about.gateway);
  tab(about.gateway ? "orders" : "receipts");
  if (about.gateway) {
    const [gateway, phone] = await Promise.all([import("./gateway.js"), import("./phone.js")]);
    gateway.begin();
    phone.begin();
  }
  let alive = true;
  const live = () => {
    $("live").classList.toggle("lost", !alive);
    $("live").lastElementChild.textContent = t(alive ? "live" : "lost");
  };
  spoken(() => { $("what").textContent = t(about.gateway ? "demo" : "run"); live(); say(); printed = ""; receipts(); });
  stream("/events", { state: told, frame: draw }, (now) => { alive = now; live(); });
}

main();
