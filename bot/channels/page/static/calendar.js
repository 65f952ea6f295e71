// Days and months: a month of days that have places, and the month of a birth.
import { make } from "./log.js";

const YEARS_BACK = 18;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

const lang = document.documentElement.lang;
const title = new Intl.DateTimeFormat(lang, { year: "numeric", month: "long", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(lang, { weekday: "narrow", timeZone: "UTC" });
const weekdayName = new Intl.DateTimeFormat(lang, { weekday: "long", timeZone: "UTC" });

// `days`: choices whose values are ISO dates, with `label` and `note`.
export function monthOfDays(days, texts) {
  const byDate = new Map(days.map((each) => [each.value, each]));
  const dates = [...byDate.keys()].sort();
  const months = [...new Set(dates.map((each) => each.slice(0, 7)))];
  let shown = 0;
  let chosen = dates[0];

  const heading = make("h2", { "aria-live": "polite" });
  const before = turner(texts.before, () => turn(shown - 1));
  const next = turner(texts.next, () => turn(shown + 1));
  const table = make("table");
  table.addEventListener("keydown", (event) => {
    const to = event.key === "Home" ? dates.find(inMonth) : event.key === "End" ? dates.filter(inMonth).at(-1)
      : event.key === "PageUp" ? firstOf(shown - 1) : event.key === "PageDown" ? firstOf(shown + 1)
        : event.key in STEPS ? stepped(STEPS[event.key]) : null;
    if (!to) return;
    event.preventDefault();
    chosen = to;
    turn(months.indexOf(to.slice(0, 7)));
    table.querySelector("[tabindex='0']").focus();
  });
  const inMonth = (date) => date.startsWith(months[shown]);
  const firstOf = (month) => dates.find((each) => each.startsWith(months[month] ?? "none"));
  const stepped = (step) => {
    const at = dates.indexOf(chosen);
    if (Math.abs(step) === 1) return dates[at + step];
    const wanted = iso(new Date(Date.parse(chosen) + step * 864e5));
    return step > 0 ? dates.find((each) => each >= wanted) : dates.findLast((each) => each <= wanted);
  };

  function turn(to) {
    if (to < 0 || to >= months.length) return;
    shown = to;
    if (!inMonth(chosen)) chosen = firstOf(shown);
    heading.textContent = title.format(Date.parse(months[shown]));
    for (const [button, isOff] of [[before, shown === 0], [next, shown === months.length - 1]]) {
      button.setAttribute("aria-disabled", isOff);
      button.dataset.off = isOff ? "1" : "";
    }
    table.setAttribute("aria-label", heading.textContent);
    table.replaceChildren(weekdays(), ...weeks(months[shown], byDate, chosen));
  }
  turn(0);
  const hasNumbers = days.some((each) => /\d/.test(each.note));
  return make("div", { className: "answers month-of-days", role: "group", "aria-label": texts.choices },
    make("div", { className: "month" },
      make("header", {}, before, heading, next), table,
      ...(hasNumbers ? [make("p", { textContent: texts.placeLeft })] : [])));
}

function turner(name, turn) {
  return make("button", { type: "button", "aria-label": name, onclick: turn });
}

function weekdays() {
  const names = Array.from({ length: 7 }, (_, day) => Date.UTC(2024, 0, 1 + day)); // a Monday
  return make("thead", {}, make("tr", {}, ...names.map((each) =>
    make("th", { scope: "col", abbr: weekdayName.format(each), textContent: weekday.format(each) }))));
}

function weeks(month, byDate, chosen) {
  const [year, number] = month.split("-").map(Number);
  const blanks = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const cells = Array.from({ length: blanks }, () => make("td"));
  for (let day = 1; day <= length; day += 1) {
    const date = `${month}-${String(day).padStart(2, "0")}`;
    cells.push(make("td", {}, byDate.has(date) ? dayButton(day, byDate.get(date), date === chosen) : String(day)));
  }
  const rows = [];
  while (cells.length) rows.push(make("tr", {}, ...cells.splice(0, 7)));
  return [make("tbody", {}, ...rows)];
}

function dayButton(day, choice, isChosen) {
  const places = choice.note.match(/\d+/)?.[0] ?? choice.note;
  const button = make("button", {
    name: "token", value: choice.token, tabIndex: isChosen ? 0 : -1,
    "aria-label": choice.note ? `${choice.label} · ${choice.note}` : choice.label,
  }, String(day));
  if (places) button.append(make("small", { textContent: places }));
  return button;
}

// Two lists instead of typing: `take` gets "2018-05".
export function birthMonth(texts, take) {
  const now = new Date();
  const years = Array.from({ length: YEARS_BACK + 1 }, (_, back) => String(now.getFullYear() - back));
  const names = new Intl.DateTimeFormat(lang, { month: "long", timeZone: "UTC" });
  const months = Array.from({ length: 12 }, (_, each) => [String(each + 1).padStart(2, "0"), names.format(Date.UTC(2024, each, 1))]);
  const year = select(years.map((each) => [each, each]));
  year.value = years[8];
  const month = select(months);
  const button = make("button", { type: "button", className: "primary", textContent: texts.take, onclick: () => take(`${year.value}-${month.value}`) });
  return make("div", { className: "birth" },
    make("label", {}, texts.year, year), make("label", {}, texts.month, month), button);
}

function select(options) {
  return make("select", {}, ...options.map(([value, textContent]) => make("option", { value, textContent })));
}

function iso(date) {
  return date.toISOString().slice(0, 10);
}
