// The page's only script. All that it does, plain forms and links do without it, slower:
// forms and links marked data-live change the page in place; jobs are asked for once a second; sound is played.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- one answer put into this page ---------------------------------------------------------------------------

const PARTS = ["visiting", "notices", "jobs", "main"];
const NO_ANSWER = "playlistkit does not answer. Is it still running? Run “playlistkit open”.";
const framed = (page) => $("#main", page) && $("header.top", page);
const SLOW = 1500; // ms after which a page that waits says so
let looking = null; // what is being asked for, to be called off
let latest = 0; // the last request that was sent: an answer to an earlier one comes too late

async function show(address, options = {}, { push = false, parts = PARTS, outdated = () => false, takes } = {}) {
  const turn = ++latest;
  let answer, text;
  looking?.abort(); // what was asked for before is not wanted any more
  looking = options.method ? null : new AbortController();
  const slow = setTimeout(tellSlow, SLOW, takes);
  try {
    answer = await fetch(address, { ...options, credentials: "same-origin", signal: looking?.signal });
    text = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") return;
    tell(NO_ANSWER);
    return;
  } finally {
    clearTimeout(slow);
    $(".notice.slow")?.remove();
  }
  if ((turn !== latest && !options.method) || outdated()) return;
  const type = answer.headers.get("content-type") || "";
  if (!type.startsWith("text/html")) {
    tell(text.trim() || "That did not work.");
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!answer.ok) {
    const trouble = $("#trouble", page);
    tell(trouble ? all("p", trouble).map((each) => each.textContent).join(" ") : "That did not work.");
    return;
  }
  if (!framed(page)) { // not one of our pages with a frame: go there wholly
    location.assign(answer.url);
    return;
  }
  const elsewhere = new URL(answer.url).pathname !== location.pathname;
  if (push || elsewhere) history[push || elsewhere ? "pushState" : "replaceState"]({}, "", answer.url);
  shown = location.href;
  put(page, elsewhere ? PARTS : parts);
  if (elsewhere) {
    $("header.top").replaceWith($("header.top", page));
    window.scrollTo(0, 0);
    $("#main").focus({ preventScroll: true });
  }
  return true;
}

// What has the focus keeps it when its part of the page is replaced: by its id, key or label, else by its place.
const REACHED = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary";
function sameAs(focused, place, part) {
  const named = focused.id ? `#${CSS.escape(focused.id)}` : focused.dataset.key ? `[data-key="${CSS.escape(focused.dataset.key)}"]`
    : focused.ariaLabel ? `${focused.localName}[aria-label="${CSS.escape(focused.ariaLabel)}"]` : null;
  const there = all(REACHED, part);
  return (named && $(`:is(${named}):not(:disabled)`)) || there[Math.min(place, there.length - 1)] || $("#main");
}

function put(page, parts) {
  const focused = document.activeElement;
  const part = parts.map((id) => document.getElementById(id)).find((each) => each?.contains(focused));
  const place = part ? all(REACHED, part).indexOf(focused) : -1;
  const selection = focused && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  const opened = all("details[open][id]").map((each) => each.id);
  document.title = page.title;
  for (const id of parts) {
    const now = document.getElementById(id), next = page.getElementById(id);
    if (now && next) now.replaceWith(document.adoptNode(next));
  }
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  const again = part && sameAs(focused, place, document.getElementById(part.id));
  if (again && again !== document.activeElement) {
    again.focus({ preventScroll: true });
    if (selection && selection[0] !== null) try { again.setSelectionRange(...selection); } catch { /* no text field */ }
  }
  document.dispatchEvent(new Event("shown"));
}

function tellSlow(takes) {
  tell(takes || "Still working on it. The disk may be slow, or another program may be using the library; nothing is lost.", "slow");
}

function tell(sentence, kind = "trouble") {
  const notice = document.createElement("div");
  notice.className = `notice ${kind}`;
  notice.setAttribute("role", kind === "trouble" ? "alert" : "status");
  notice.textContent = sentence;
  if (kind === "trouble") $("#notices").replaceChildren();
  $("#notices").append(notice);
}

// This page may stand in for one that is slow to come; that takes its place when it is there.
async function comes() {
  const asked = location.href;
  try {
    const answer = await fetch(asked, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (location.href !== asked || !$("[data-again]")) return;
    if (framed(page)) put(page, PARTS);
    else location.reload(); // it has no frame: a sheet, or the screen of a session
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  } catch { tell(NO_ANSWER); }
}
if ($("[data-again]")) comes();

// --- forms and links -----------------------------------------------------------------------------------------

function send(form, button, outdated) {
  const data = new FormData(form, button ?? undefined);
  const address = button?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  const parts = button?.hasAttribute("data-whole") ? PARTS : form.dataset.parts?.split(" ") ?? PARTS;
  if (form.method === "post") {
    const multipart = form.enctype === "multipart/form-data";
    return show(address, { method: "POST", body: multipart ? data : new URLSearchParams(data) }, { parts, outdated, takes: form.dataset.takes });
  }
  const query = new URLSearchParams(data);
  for (const [name, value] of [...query]) if (value === "" && !form.hasAttribute("data-empty-counts")) query.delete(name);
  const url = new URL(address, location.href);
  url.search = query;
  history.replaceState({}, "", url);
  return show(url, {}, { parts, outdated });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-live]") || event.defaultPrevented || event.submitter?.hasAttribute("data-native")) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.dataset.sending) return; // a second press while the first is under way
  form.dataset.sending = "yes";
  send(form, button).then((done) => { if (done) form.dataset.sent = "yes"; }).finally(() => delete form.dataset.sending);
});

// A form that is sent at each change is sent at once. What changes while an answer is under way is sent after it, so that
// however fast one types, one request is under way; only one that hangs is called off for the next.
const HANGS = 500; // ms
const flights = new WeakMap();
function sendNow(form) {
  const flight = flights.get(form), now = performance.now();
  if (flight && now - flight.since < HANGS) { flight.again = true; return; }
  const mine = { since: now, again: false };
  flights.set(form, mine);
  const replaced = (form.dataset.parts?.split(" ") ?? PARTS).some((id) => document.getElementById(id)?.contains(form));
  send(form, null, () => mine.again && replaced).finally(() => { // an older answer must not take away what was typed since
    if (flights.get(form) !== mine) return;
    flights.delete(form);
    if (mine.again && form.isConnected) sendNow(form);
  });
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-live][data-at-once]");
  if (form) sendNow(form);
});

// What was chosen before this script was there, or what the browser brought back with the page, is shown as well.
const isChanged = (field) => field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.tagName === "SELECT" ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected))
  : "defaultValue" in field && field.value !== field.defaultValue;
window.addEventListener("pageshow", () => {
  for (const form of all("form[data-live][data-at-once]")) if ([...form.elements].some(isChanged)) sendNow(form);
});

// Leaving a form whose changes are not saved is asked about first, whichever way one leaves.
const unsaved = () => $("[data-unsaved]") || all("form[data-guarded]:not([data-sent])").some((form) => [...form.elements].some(isChanged));
const mayLeave = () => !unsaved() || confirm("What you typed here is not saved. Leave it?");
let fetches = false; // whether what was touched brings a file, so that this page stays
document.addEventListener("click", (event) => { fetches = Boolean(event.target.closest("a[download]")); });
window.addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
  else if (!fetches) setTimeout(tellSlow, SLOW); // this page stays on the screen until the next one answers
});
window.addEventListener("pageshow", () => $(".notice.slow")?.remove());
document.addEventListener("input", (event) => { delete event.target.form?.dataset.sent; });

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-live]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (mayLeave()) show(link.href, {}, { push: true, parts: link.dataset.parts?.split(" ") ?? PARTS });
});

let shown = location.href; // the address of what is on the screen
window.addEventListener("popstate", () => {
  if (location.href.split("#")[0] === shown.split("#")[0]) return;
  if (mayLeave()) show(location.href);
  else history.pushState({}, "", shown);
});

// A track in the picture leads to its row; the row is shown without a jump of the whole page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("svg a[href^='#']");
  const row = link && $(link.getAttribute("href"));
  if (!row) return;
  event.preventDefault();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
});

// --- jobs ----------------------------------------------------------------------------------------------------

let asking = false;
async function ask() {
  const shown = all("#jobs [data-job]");
  const running = shown.filter((each) => ["running", "stopping"].includes(each.dataset.state));
  if (asking || document.hidden || !running.length) return;
  asking = true;
  try {
    const { jobs } = await (await fetch("/state")).json();
    for (const element of running) {
      const job = jobs.find((each) => String(each.id) === element.dataset.job);
      if (!job || job.state !== element.dataset.state) {
        if (job?.to && !typingNow() && !unsaved()) {
          await show(job.to, {}, { push: true });
          break;
        }
        const ended = !job || !["running", "stopping"].includes(job.state);
        const ours = $("main [data-follows-job]");
        await show(location.href, {}, { parts: ended && (ours || !typingNow()) ? PARTS : ["jobs"] });
        break;
      }
      const bar = $("progress", element);
      if (job.total) { bar.max = job.total; bar.value = job.done; }
      $(".job-told", element).textContent = job.told;
    }
  } catch { /* the server was closed; the next touch tells */ }
  asking = false;
}
const typingNow = () => document.activeElement?.matches("main input, main textarea, main select");
setInterval(ask, 1000);

// --- sound ---------------------------------------------------------------------------------------------------

const player = $("#player"), audio = $("audio", player);
let pressed = null;

function play(button) {
  const same = audio.dataset.source === button.dataset.play;
  mark(null);
  if (same && !audio.paused) { audio.pause(); return; }
  if (!same) {
    audio.src = button.dataset.play;
    audio.dataset.source = button.dataset.play;
    $("#player-title").textContent = button.dataset.title ?? "";
  }
  player.hidden = false;
  audio.play().catch(() => {});
  mark(button);
}
function mark(button) {
  for (const each of all("[data-play][aria-pressed='true']")) each.setAttribute("aria-pressed", "false");
  pressed = button?.dataset.play ?? null;
  button?.setAttribute("aria-pressed", "true");
}
audio.addEventListener("pause", () => mark(null));
audio.addEventListener("ended", () => { // in a list that is heard in turn, the next follows
  const list = all("[data-in-turn] [data-play]");
  const at = list.findIndex((each) => each.dataset.play === audio.dataset.source);
  if (at >= 0 && list[at + 1]) { play(list[at + 1]); list[at + 1].scrollIntoView({ block: "nearest" }); }
});
audio.addEventListener("error", () => { if (audio.dataset.source) tell("This can't be played here: its file is gone or can't be decoded."); mark(null); });
$("#player-stop").addEventListener("click", () => { audio.pause(); audio.removeAttribute("src"); delete audio.dataset.source; player.hidden = true; mark(null); });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (button) { event.preventDefault(); play(button); }
});
document.addEventListener("shown", () => {
  const next = $("[data-play-next]");
  if (next && audio.dataset.source && next.dataset.play !== audio.dataset.source) play(next); // heard at once, once one was
  if (pressed) $(`[data-play="${CSS.escape(pressed)}"]`)?.setAttribute("aria-pressed", "true");
});

// --- keys ----------------------------------------------------------------------------------------------------

// A button with data-key-letter is pressed by that key, on pages that say so and let it be turned off.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, audio")) return;
  if (!$("[data-keys='on']")) return;
  const button = $(`[data-letter="${CSS.escape(event.key.toLowerCase())}"]:not(:disabled)`);
  if (button) { event.preventDefault(); button.click(); }
});
