// What was said: bubbles, the time between them, and where the page stands.

const PAUSE_MS = 10 * 60 * 1000;
const NEAR_PX = 160; // this close to the end, the page follows what is said
const PAIR = /^(.{1,24}?)(?:: |：)(.+)$/;
const CODE = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/;
const LINES_APART = 4; // as many lines and more are read one by one

export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && !key.includes("-")) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

export class Log {
  constructor(element, commands, zone, choicesName) {
    this.element = element;
    this.choicesName = choicesName;
    this.commands = commands;
    this.clock = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
    });
    const times = element.querySelectorAll("time");
    this.saidAt = times.length ? Date.parse(times[times.length - 1].dateTime) : 0;
    // Ids of what is shown, or need not be.
    this.seen = new Set([...element.querySelectorAll("[data-id]")].map((each) => Number(each.dataset.id)));
  }

  // A command is shown by its name.
  called(words) {
    return this.commands[words] ?? words;
  }

  own(words, at = Date.now()) {
    this.when(at);
    const bubble = make("p", { className: "bubble", textContent: this.called(words) });
    return this.append(make("div", { className: "own fresh" }, bubble));
  }

  theirs(message) {
    this.when(message.at ? Date.parse(message.at) : Date.now());
    const picture = message.attachments.find((each) => each.kind === "image");
    const bubble = make("div", { className: "bubble" });
    if (picture) bubble.append(make("img", { src: own(picture.url), alt: picture.name, width: 152, height: 152 }));
    bubble.append(...(picture ? ticketWords(message.text) : this.words(message)));
    const links = message.attachments.filter((each) => each.kind !== "image");
    if (links.length) bubble.append(make("p", { className: "links" }, ...links.map(link)));
    const element = make("div", { className: picture ? "theirs ticket fresh" : "theirs fresh" }, bubble);
    element.dataset.id = message.id;
    if (isBeside(message.prompt)) element.append(this.offered(message.prompt.choices));
    return this.append(element);
  }

  // What came by itself is answered below its own words: the open question keeps its choices.
  offered(choices) {
    const buttons = choices.map(({ label, token }) => {
      const button = make("button", { name: "token", value: token }, make("span", { textContent: label }));
      button.setAttribute("form", "choices");
      return button;
    });
    return make("div", { className: "answers pills", role: "group", "aria-label": this.choicesName }, ...buttons);
  }

  words(message) {
    const lines = message.text.split("\n");
    const rows = [];
    // The pairs at the end of a confirmation are a table.
    while (message.prompt?.kind === "confirm" && lines.length > 1 && PAIR.test(lines[lines.length - 1])) {
      const [, title, answer] = lines.pop().match(PAIR);
      rows.unshift(make("div", {}, make("dt", { textContent: title }), make("dd", { textContent: answer })));
    }
    const text = paragraph(lines);
    return rows.length ? [text, make("dl", {}, ...rows)] : [text];
  }

  when(at) {
    if (at - this.saidAt > PAUSE_MS) {
      const time = make("time", { dateTime: new Date(at).toISOString(), textContent: this.clock.format(at) });
      this.element.append(make("p", { className: "when" }, time));
    }
    this.saidAt = Math.max(at, this.saidAt);
  }

  append(element) {
    this.element.append(element);
    return element;
  }
}

export function isBeside(prompt) {
  return prompt?.choices.some((each) => each.token.startsWith("/")) ?? false;
}

// Lines that are many stand a little apart.
function paragraph(lines) {
  if (lines.length < LINES_APART) return make("p", { textContent: lines.join("\n") });
  return make("p", {}, ...lines.map((textContent) => make("span", { className: "line", textContent })));
}

// The code of a ticket, as large as on the ticket's page, and the other words.
function ticketWords(text) {
  const lines = text.split("\n");
  const place = lines.findIndex((each) => CODE.test(each.match(PAIR)?.[2] ?? ""));
  if (place < 0) return [make("p", { textContent: text })];
  const [, title, code] = lines.splice(place, 1)[0].match(PAIR);
  return [
    make("p", { className: "code" }, make("small", { textContent: title }), " ", code),
    make("p", { textContent: lines.join("\n") }),
  ];
}

export function isNearEnd() {
  return document.documentElement.scrollHeight - scrollY - innerHeight < NEAR_PX;
}

// To the end, but no further than keeps `first` in sight: a long answer is read from its beginning.
export function toEnd(first, isSmooth = true) {
  const head = document.querySelector(".top").offsetHeight + 12;
  const end = document.documentElement.scrollHeight - innerHeight;
  const top = first ? Math.min(end, first.getBoundingClientRect().top + scrollY - head) : end;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollTo({ top, behavior: isSmooth && !isCalm ? "smooth" : "instant" });
}

function link({ kind, name, url }) {
  const anchor = make("a", { href: own(url), textContent: name });
  if (kind === "link") Object.assign(anchor, { target: "_blank", rel: "noopener" });
  return anchor;
}

// Only addresses of our own are shown or opened; as the server writes them, without its name.
function own(url) {
  const { origin, pathname, search, hash } = new URL(url, location.href);
  return origin === location.origin ? pathname + search + hash : "#";
}
