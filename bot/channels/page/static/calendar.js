// Days and months: a month of days that have places, and the month of a birth.
import { make } from "./log.js";

const YEARS_BACK = 18;
const DAY_MS = 864e5;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

const lang = document.documentElement.lang;
const title = new Intl.DateTimeFormat(lang, { year: "numeric", month: "long", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(lang, { weekday: "narrow", timeZone: "UTC" });
const weekdayName = new Intl.DateTimeFormat(lang, { weekday: "long", timeZone: "UTC" });

// `days`: choices whose values are ISO dates, with `label` and `note`. Every month that has one, under
// the other, its empty weeks left out: nothing has to be turned over.
export function monthOfDays(days, texts) {
  const byDate = new Map(days.map((each) => [each.value, each]));
  const dates = [...byDate.keys()].sort();
  const months = [...new Set(dates.map((each) => each.slice(0, 7)))];
  const tables = months.flatMap((each) => month(each, byDate, dates[0]));
  const hasNumbers = days.some((each) => /\d/.test(each.note));
  const hint = hasNumbers ? [make("p", { textContent: texts.placesLeft })] : [];
  const grid = make("div", { className: "month" }, ...tables, ...hint);
  grid.addEventListener("keydown", (event) => {
    const here = event.target.dataset.day;
    const to = here && target(event.key, here, dates);
    if (!to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    const button = grid.querySelector(`[data-day="${to}"]`);
    button.tabIndex = 0;
    button.focus();
  });
  return make("div", { className: "answers", role: "group", "aria-label": texts.choices }, grid);
}

// The day with places that a key leads to from another.
function target(key, here, dates) {
  if (key === "Home") return dates[0];
  if (key === "End") return dates.at(-1);
  const step = STEPS[key];
  if (!step) return null;
  if (Math.abs(step) === 1) return dates[dates.indexOf(here) + step];
  const wanted = iso(new Date(Date.parse(here) + step * DAY_MS));
  return step > 0 ? dates.find((each) => each >= wanted) : dates.filter((each) => each <= wanted).pop();
}

function month(name, byDate, first) {
  const heading = title.format(Date.parse(name));
  const table = make("table", { "aria-label": heading }, weekdays(), make("tbody", {}, ...weeks(name, byDate, first)));
  return [make("h2", { textContent: heading }), table];
}

function weekdays() {
  const names = Array.from({ length: 7 }, (_, day) => Date.UTC(2024, 0, 1 + day)); // a Monday
  return make("thead", {}, make("tr", {}, ...names.map((each) =>
    make("th", { scope: "col", abbr: weekdayName.format(each), textContent: weekday.format(each) }))));
}

function weeks(name, byDate, first) {
  const [year, number] = name.split("-").map(Number);
  const blanks = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const cells = Array.from({ length: blanks }, () => make("td"));
  for (let day = 1; day <= length; day += 1) {
    const date = `${name}-${String(day).padStart(2, "0")}`;
    const choice = byDate.get(date);
    cells.push(make("td", {}, choice ? dayButton(day, choice, date === first) : String(day)));
  }
  const rows = [];
  while (cells.length) rows.push(make("tr", {}, ...cells.splice(0, 7)));
  const isOpen = rows.map((row) => row.querySelector("button") !== null);
  return rows.slice(isOpen.indexOf(true), isOpen.lastIndexOf(true) + 1);
}

function dayButton(day, choice, isFirst) {
  const places = choice.note.match(/\d+/)?.[0] ?? choice.note;
  const button = make("button", {
    name: "token", value: choice.token, tabIndex: isFirst ? 0 : -1,
    "aria-label": choice.note ? `${choice.label} · ${choice.note}` : choice.label,
  }, String(day));
  button.dataset.day = choice.value;
  if (places) button.append(make("small", { textContent: places }));
  return button;
}

// Two lists instead of typing: `take` gets "2018-05", once both were chosen. None is chosen before:
// whoever takes what stands there would tell a wrong age.
export function birthMonth(texts, take) {
  const now = new Date();
  const years = Array.from({ length: YEARS_BACK + 1 }, (_, back) => String(now.getFullYear() - back));
  const names = new Intl.DateTimeFormat(lang, { month: "short", timeZone: "UTC" });
  const months = Array.from({ length: 12 }, (_, each) => [String(each + 1).padStart(2, "0"), names.format(Date.UTC(2024, each, 1))]);
  const year = select(years.map((each) => [each, each]));
  const month = select(months);
  const button = make("button", { type: "button", className: "primary", disabled: true, textContent: texts.take, onclick: () => take(`${year.value}-${month.value}`) });
  const lists = make("div", { className: "birth" },
    make("label", {}, texts.year, year), make("label", {}, texts.monthOfBirth, month), button);
  lists.addEventListener("change", () => { button.disabled = !(year.value && month.value); });
  return lists;
}

// A list of which nothing is chosen yet.
function select(options) {
  const nothing = make("option", { value: "", textContent: "–", disabled: true, hidden: true, selected: true });
  return make("select", { required: true }, nothing, ...options.map(([value, textContent]) => make("option", { value, textContent })));
}

function iso(date) {
  return date.toISOString().slice(0, 10);
}
