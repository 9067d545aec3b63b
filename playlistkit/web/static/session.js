// The session screen's script: it asks the player once a second, and sends one gesture at a time. It keeps nothing:
// loaded anew, it shows the same.

const $ = (id) => document.getElementById(id);
const form = $("orders");
const HOLD = 1500; // ms that "end" must be held down
let revision = Number(form.elements.revision.value);
let toldCount = null;
let spoken = { phase: $("phase").textContent, title: $("title").textContent };
let unanswered = 0;
let over = false;
const GONE = 3; // answers in a row that no player was found: a busy machine may miss it once
let missed = 0;

const set = (id, text) => { const each = $(id); if (each.textContent !== text) each.textContent = text; };

function disable(button, yes) {
  if (yes && document.activeElement === button) $("main").focus({ preventScroll: true }); // else the focus would be nowhere
  button.disabled = yes;
}

function show(state) {
  if (over) return;
  missed = state.mode === "none" ? missed + 1 : 0;
  if (missed && missed < GONE) return;
  if (state.mode === "none" || state.mode === "ended") { // what was heard is brought to its client, and looked at
    over = true;
    set("said", "The session has ended.");
    $("over").submit();
    return;
  }
  document.body.dataset.mode = state.mode;
  revision = state.revision;
  form.elements.revision.value = revision;
  for (const name of ["phase", "title", "artist", "into", "lasts", "elapsed", "left", "level"]) set(name, state[name]);
  set("next-title", state.next_title);
  set("next-artist", state.next_artist);
  set("next-in", state.next_in ? `in ${state.next_in}` : "");
  if (state.ends) $("hand").setAttribute("x", Math.min(996, state.position / state.ends * 1000 - 2).toFixed(1));
  for (const each of document.querySelectorAll("[data-phase]")) each.setAttribute("aria-current", String(each.dataset.phase === state.phase));
  disable($("undo"), !state.undo);
  document.querySelector("[value=hold]").setAttribute("aria-pressed", String(state.held));
  const back = $("back");
  disable(back, !state.back);
  set("back", state.back || "Back to the session");
  if (toldCount !== null && state.told_count > toldCount && state.told.length) set("said", state.told.at(-1));
  toldCount = state.told_count;
  if (!state.sounding) set("said", "The loudspeaker does not respond. It is being reopened.");
  if (state.phase !== spoken.phase || state.title !== spoken.title) { // a change is told to those who listen; seconds aren't
    set("announce", `${state.phase}: ${state.title}${state.artist ? `, ${state.artist}` : ""}`);
    spoken = { phase: state.phase, title: state.title };
  }
}

async function ask() {
  try {
    show(await (await fetch("/session/state", { credentials: "same-origin" })).json());
    if (unanswered > 2) set("said", "");
    unanswered = 0;
  } catch {
    unanswered += 1;
    if (unanswered === 3) set("said", "This page can't reach playlistkit. The music goes on by itself; run “playlistkit open” to steer it again.");
  }
}

async function send(name, button) {
  const data = new URLSearchParams({ name, revision, gesture: crypto.randomUUID() });
  button?.classList.add("received");
  setTimeout(() => button?.classList.remove("received"), 400);
  try {
    const answer = await fetch("/session/order", { method: "POST", body: data, headers: { accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error();
    const came = await answer.json();
    set("said", came.text);
  } catch {
    set("said", "That did not reach the player. Try again, or use: playlistkit session");
  }
  ask();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter) send(event.submitter.value, event.submitter);
});

// --- ending: held down, by finger, mouse or key, so that no slip ends a session --------------------------------

const end = $("end");
let holding = null;
let sent = false; // letting go after that is no slip
function hold(event) {
  if (holding || (event.type === "keydown" && ![" ", "Enter"].includes(event.key))) return;
  event.preventDefault();
  end.classList.add("holding");
  sent = false;
  holding = setTimeout(() => { release(); sent = true; send("end", end); }, HOLD);
}
function release() {
  clearTimeout(holding);
  holding = null;
  end.classList.remove("holding");
}
const slip = () => set("said", "Hold the button down for a second and a half to end the session.");
end.addEventListener("keyup", () => { if (holding) slip(); });
for (const name of ["pointerdown", "keydown"]) end.addEventListener(name, hold);
for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur", "contextmenu"]) end.addEventListener(name, release);
end.addEventListener("click", () => { if (!holding && !sent) slip(); });

// --- keys ------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (!$("keys").checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key === "," ? "." : event.key.toLowerCase(); // what a keypad's point gives, by its language
  const button = [...document.querySelectorAll("[data-letters]:not(:disabled)")].find((each) => each.dataset.letters.split(" ").includes(key));
  if (button) { event.preventDefault(); button.focus(); send(button.value, button); }
});

// --- a screen that stays on ------------------------------------------------------------------------------------

async function stayOn() {
  try {
    const lock = await navigator.wakeLock.request("screen");
    set("lock", "");
    lock.addEventListener("release", () => { if (!document.hidden) stayOn(); });
  } catch {
    set("lock", "This screen may lock itself; the music goes on.");
  }
}
if ("wakeLock" in navigator) stayOn();
else set("lock", "This screen may lock itself; the music goes on.");
document.addEventListener("visibilitychange", () => { if (!document.hidden && "wakeLock" in navigator) stayOn(); });

setInterval(ask, 1000);
ask();
