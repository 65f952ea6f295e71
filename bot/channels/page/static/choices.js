// What can be tapped: the choices of the newest question, and nothing of older ones.
import { make } from "./log.js";
import { birthMonth, monthOfDays } from "./calendar.js";

const ROW_WIDTH = 20; // columns, a Chinese character is two
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
    const answers = prompt.choices.filter((each) => !each.value.startsWith("@"));
    const ways = prompt.choices.filter((each) => each.value.startsWith("@"));
    const shown = prompt.kind === "date" && answers.length >= GRID_FROM
      ? monthOfDays(answers.map((each) => ({ ...each, ...parts(each.label) })), this.texts)
      : this.answers(prompt, answers);
    const wayButtons = ways.map((each) =>
      make("button", { name: "token", value: each.token, className: CLASSES[each.value] ?? "plain", textContent: each.label }));
    this.form.replaceChildren(shown, make("div", { className: "ways" }, ...wayButtons));
    if (prompt.kind === "month" && !answers.length) {
      this.form.prepend(birthMonth(this.texts, (month) => this.pick({ text: month, words: month })));
    }
    this.busy = false;
    return hadKeyboard;
  }

  answers(prompt, choices) {
    const isRow = choices.some((each) => width(each.label) > ROW_WIDTH);
    const layout = prompt.kind === "date" ? "days" : isRow ? "rows" : "pills";
    const buttons = choices.map((each) => {
      const { isTicked, label, note } = parts(each.label);
      const button = make("button", { name: "token", value: each.token }, make("span", { textContent: label }));
      if (note) button.append(make("small", { textContent: note }));
      if (prompt.kind === "many") button.setAttribute("aria-pressed", isTicked);
      return button;
    });
    return make("div", { className: `answers ${layout}`, role: "group", "aria-label": this.texts.choices }, ...buttons);
  }

  // The same question after a tick: whoever is tapping keeps their place.
  retick(prompt) {
    const focused = this.form.contains(document.activeElement) ? document.activeElement.value : null;
    this.show(prompt);
    const button = [...this.form.querySelectorAll("button")].find((each) => each.value === focused);
    button?.focus({ preventScroll: true });
  }

  isRetold(prompt) {
    return prompt?.kind === "many" && opened(prompt) !== "" && opened(prompt) === opened(this.prompt);
  }

  focus() {
    const first = this.form.querySelector("[tabindex='0'], button:not([tabindex='-1']), select");
    first?.focus({ preventScroll: true });
    return first !== null;
  }
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

// What the tokens of an open question have in common.
function opened(prompt) {
  return prompt?.choices[0]?.token.split(":")[0] ?? "";
}

function width(words) {
  return [...words].reduce((sum, each) => sum + (each.codePointAt(0) > 0x2e7f ? 2 : 1), 0);
}
