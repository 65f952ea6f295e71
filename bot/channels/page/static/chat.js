// Says what the person says, and shows what comes back: at once, once, and after a lost connection.
import { Choices } from "./choices.js";
import { Log, isBeside, isNearEnd, make, toEnd } from "./log.js";

const ANSWER_MS = 15000;
const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const TYPING_MS = 250; // an answer that is quicker needs no sign
const OFFLINE_MS = 3000;
const TAPPED = ["confirm", "month"]; // answered by tapping though they have no choices
const MODES = { number: "numeric", phone: "tel" };

const { texts: textsJson, commands, zone, last } = document.body.dataset;
const texts = JSON.parse(textsJson);
const by = (id) => document.getElementById(id);
const [line, typing, down, composer, words] = ["line", "typing", "down", "composer", "words"].map(by);
const log = new Log(by("log"), JSON.parse(commands), zone, texts.choices);
const choices = new Choices(by("choices"), texts, say);

const waiting = []; // what is not answered yet, in order
const held = []; // what came by the stream meanwhile
let isSending = false;
let tryNow = () => {};

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = words.value.trim();
  if (!text) return;
  words.value = "";
  say({ text, words: text });
});
down.addEventListener("click", () => toEnd());
addEventListener("scroll", () => { if (isNearEnd()) down.hidden = true; }, { passive: true });
addEventListener("online", () => tryNow());
addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
addEventListener("pagehide", () => stream?.close());
if (choices.prompt) prepareToType(choices.prompt);
toEnd(null, false);

// Show it, send it, and keep it until it is answered.
function say({ text, token, words: shown, isTick = false }) {
  const said = { id: newId(), ...(token === undefined ? { text } : { token }) };
  const bubble = isTick ? null : log.own(shown);
  if (!isTick) {
    choices.busy = true;
    toEnd();
  }
  waiting.push({ said, bubble });
  sendAll();
}

// One at a time: what was said next waits here for the answer, so that nothing overtakes on its way.
async function sendAll() {
  if (isSending) return;
  isSending = true;
  for (let tries = 0; waiting.length; tries += 1) {
    const { said, bubble } = waiting[0];
    const sign = setTimeout(() => showTyping(true), TYPING_MS);
    const answer = await post(said);
    clearTimeout(sign);
    showTyping(false);
    if (answer.isLost) {
      mark(bubble, "waiting", answer.error ?? texts.retrying, texts.retry);
      await pause(answer.afterMs ?? WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
      continue;
    }
    waiting.shift();
    tries = -1;
    if (answer.messages) {
      mark(bubble);
      showAll([...held.splice(0), ...answer.messages], bubble, answer.messages[0]?.id);
    } else {
      mark(bubble, "refused", `${texts.refused} ${answer.error}`);
      if (!bubble && choices.prompt) choices.show(choices.prompt); // as it was before the tick
      choices.busy = false;
    }
  }
  isSending = false;
  showAll(held.splice(0));
}

// The messages, or why there are none. What is lost may have arrived: it is sent again under the same id,
// which has no second effect.
async function post(said) {
  try {
    const response = await fetch("/chat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(said),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.status >= 500) return { isLost: true };
    const answer = await response.json();
    if (response.status !== 429) return answer;
    return { ...answer, isLost: true, afterMs: 1000 * (Number(response.headers.get("Retry-After")) || 5) };
  } catch {
    return { isLost: true };
  }
}

// `bubble` holds what the person said already; `answered` is the id of the message that answers it.
function showAll(messages, bubble = null, answered = 0) {
  const follows = bubble !== null || isNearEnd();
  let first = null;
  let asked = null;
  for (const message of [...messages].sort((a, b) => a.id - b.id)) {
    if (log.seen.has(message.id)) continue;
    log.seen.add(message.id);
    if (message.said && choices.isRetold(message.prompt)) {
      if (!waiting.length) choices.retick(message.prompt);
      continue;
    }
    const shown = show(message, message.id === answered ? bubble : null);
    first ??= shown;
    if (!isBeside(message.prompt)) asked = message.prompt ?? asked;
  }
  if (asked) ask(asked);
  else if (answered) choices.busy = false;
  first ??= bubble;
  if (!first) return; // the stream tells again what was answered
  if (follows) requestAnimationFrame(() => toEnd(first));
  else down.hidden = false;
}

function show(message, bubble) {
  if (message.said && bubble) bubble.firstChild.textContent = log.called(message.said);
  else if (message.said) log.own(message.said, message.at ? Date.parse(message.at) : Date.now());
  return log.theirs(message);
}

// Make a question the one that is answered, by tapping or typing.
function ask(prompt) {
  prepareToType(prompt);
  const hadKeyboard = choices.show(prompt);
  const isTapped = TAPPED.includes(prompt.kind) || prompt.choices.some((each) => !each.value.startsWith("@"));
  const hasMouse = matchMedia("(pointer: fine)").matches;
  if (isTapped && hadKeyboard) choices.focus();
  else if (isTapped && !hasMouse) words.blur(); // a keyboard on the screen would cover what is to be read and tapped
  else if (hadKeyboard || (hasMouse && (!isTapped || prompt.kind === "month"))) words.focus({ preventScroll: true });
}

function prepareToType({ kind }) {
  words.inputMode = MODES[kind] ?? "text";
  words.placeholder = texts[kind] ?? texts.words;
}

// A tick has no bubble: what is wrong with it stands below everything.
function mark(bubble, state = "", sentence = "", retry = "") {
  if (!bubble) {
    line.textContent = sentence;
    return;
  }
  bubble.classList.toggle("waiting", state === "waiting");
  bubble.classList.toggle("refused", state === "refused");
  bubble.querySelector("small")?.remove();
  if (!sentence) return;
  const note = make("small", { textContent: `${sentence} ` });
  if (retry) note.append(make("button", { type: "button", textContent: retry, onclick: () => tryNow() }));
  bubble.append(note);
  if (isNearEnd()) toEnd();
}

function showTyping(isOn) {
  typing.hidden = !isOn;
  if (isOn && isNearEnd()) toEnd();
}

function pause(ms) {
  return new Promise((resolve) => {
    tryNow = resolve;
    setTimeout(resolve, ms);
  });
}

function newId() {
  // crypto.randomUUID is missing on plain http.
  return [...crypto.getRandomValues(new Uint8Array(12))].map((each) => each.toString(16).padStart(2, "0")).join("");
}

let stream;
let lastSeen = Number(last);
let offline;
listen();

function listen() {
  stream?.close();
  stream = new EventSource(`/chat/events?after=${lastSeen}`);
  stream.onopen = () => {
    clearTimeout(offline);
    offline = undefined;
    line.textContent = "";
    tryNow();
  };
  stream.onmessage = (event) => {
    const message = JSON.parse(event.data);
    lastSeen = Math.max(lastSeen, message.id);
    if (isSending) held.push(message);
    else showAll([message]);
  };
  stream.onerror = () => {
    offline ??= setTimeout(() => { line.textContent = texts.offline; }, OFFLINE_MS);
    // The browser asks again by itself unless the server refused.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, OFFLINE_MS);
  };
}
