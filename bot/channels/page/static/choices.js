// What can be tapped: the choices of the newest question, and nothing of older ones.
import { make } from "./log.js";
import { birthMonth, monthOfDays } from "./calendar.js";

const ROW_WIDTH = 20; // columns, a Chinese character is two; of three and more, LIST_WIDTH
const LIST_WIDTH = 12;
const PAIR_WIDTH = 6; // four that are wider stand two by two on a phone
const GRID_FROM = 9; // days
const TICK = "✓ ";
const CLASSES = { "@yes": "primary", "@done": "primary", "@back": "quiet", "@cancel": "quiet" };

export class Choices {
  constructor(form, texts, pick) {
    this.form = form;
    this.texts = texts;
    this.prompt = form.dataset.prompt ? JSON.parse(form.dataset.prompt) : null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (this.isBusy || !button) return;
      const choice = this.prompt?.choices.find((each) => each.token === button.value);
      const isTick = button.hasAttribute("aria-pressed");
      if (isTick) button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
      const words = choice ? parts(choice.label).label : button.textContent.trim();
      pick({ [button.name]: button.value, words, isTick });
    });
    this.pick = pick;
    if (this.prompt) this.show(this.prompt);
  }

  // Something was picked: nothing else can be until it is answered.
  set busy(isBusy) {
    this.isBusy = isBusy;
    this.form.classList.toggle("busy", isBusy);
    for (const button of this.form.querySelectorAll("button")) {
      if (isBusy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }

  show(prompt) {
    const hadKeyboard = this.form.contains(document.activeElement) && document.activeElement.matches(":focus-visible");
    this.prompt = prompt;
    const answers = answersOf(prompt);
    const shown = prompt.kind === "date" && answers.length >= GRID_FROM
      ? monthOfDays(answers.map((each) => ({ ...each, ...parts(each.label) })), this.texts)
      : this.answers(prompt, answers);
    this.form.replaceChildren(shown, make("div", { className: "ways" }, ...waysOf(prompt).map(wayButton)));
    if (prompt.kind === "month" && !answers.length) {
      this.form.prepend(birthMonth(this.texts, (month) => this.pick({ text: month, words: month })));
    }
    this.busy = false;
    return hadKeyboard;
  }

  answers(prompt, choices) {
    const layout = prompt.kind === "date" ? "days" : layoutOf(choices);
    const buttons = choices.map((each) => {
      const { isTicked, label, note } = parts(each.label);
      const button = make("button", { name: "token", value: each.token }, make("span", { textContent: label }));
      if (note) button.append(make("small", { textContent: note }));
      if (prompt.kind === "many") button.setAttribute("aria-pressed", isTicked);
      return button;
    });
    return make("div", { className: `answers ${layout}`, role: "group", "aria-label": this.texts.choices }, ...buttons);
  }

  // The same question after a tick. What can be tapped stays in place: somebody may be in the middle of it.
  retick(prompt) {
    this.prompt = prompt;
    const tokens = new Set(prompt.choices.map((each) => each.token));
    for (const button of [...this.form.querySelectorAll("button")]) {
      if (!tokens.has(button.value)) button.remove();
    }
    for (const { label, token } of answersOf(prompt)) {
      this.form.querySelector(`[value="${token}"]`).setAttribute("aria-pressed", parts(label).isTicked);
    }
    const ways = this.form.querySelector(".ways");
    waysOf(prompt).forEach((each, place) => {
      if (ways.children[place]?.value !== each.token) ways.insertBefore(wayButton(each), ways.children[place] ?? null);
    });
  }

  isRetold(prompt) {
    if (prompt?.kind !== "many" || opened(prompt) !== opened(this.prompt)) return false;
    const shown = new Set([...this.form.querySelectorAll("[aria-pressed]")].map((each) => each.value));
    return answersOf(prompt).every((each) => shown.has(each.token));
  }

  focus() {
    const first = this.form.querySelector("[tabindex='0'], button:not([tabindex='-1']), select");
    first?.focus({ preventScroll: true });
    return first !== null;
  }
}

function layoutOf(choices) {
  const widest = Math.max(0, ...choices.map((each) => width(each.label)));
  if (widest > (choices.length < 3 ? ROW_WIDTH : LIST_WIDTH)) return "rows";
  return choices.length === 4 && widest > PAIR_WIDTH ? "pills pairs" : "pills";
}

function wayButton({ label, token, value }) {
  return make("button", { name: "token", value: token, className: CLASSES[value] ?? "plain", textContent: label });
}

// "✓ Lele · 8 years" → its tick, its label, its note.
function parts(words) {
  const isTicked = words.startsWith(TICK);
  const whole = isTicked ? words.slice(TICK.length) : words;
  const dot = whole.indexOf(" · ");
  return dot < 0
    ? { isTicked, label: whole, note: "" }
    : { isTicked, label: whole.slice(0, dot), note: whole.slice(dot + 3) };
}

// The choices that answer the question, and those that lead on or away.
function answersOf(prompt) {
  return prompt.choices.filter((each) => !each.value.startsWith("@"));
}

function waysOf(prompt) {
  return prompt.choices.filter((each) => each.value.startsWith("@"));
}

// What the tokens of an open question have in common.
function opened(prompt) {
  return prompt?.choices[0]?.token.split(":")[0] ?? "";
}

function width(words) {
  return [...words].reduce((sum, each) => sum + (each.codePointAt(0) > 0x2e7f ? 2 : 1), 0);
}
