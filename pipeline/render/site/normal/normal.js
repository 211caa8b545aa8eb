"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const { words, verdicts, most, bands, kinds } = JSON.parse(at("normal-data").textContent);
  const MOST = 1e10; // views
  const SMALLEST = 0.001;
  const LUCK = [0.1, 0.9];

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const rounded = (x) => Number(x.toPrecision(2));
  const commas = (text) => text.replace(/\B(?=(\d{3})+$)/g, ",");
  const number = (x) => {
    if (x > 0 && x < SMALLEST) return `under ${SMALLEST}`;
    if (x > 0 && x < 10) return x < 0.1 ? x.toPrecision(2) : x.toFixed(2);
    return commas(String(x));
  };
  const count = (n, noun) => fill(words[n === 1 ? noun : `${noun}s`], { n: commas(String(n)) });

  // Poisson probabilities from `first` on, by ratios outwards from the most likely count: none of
  // them is too small to begin with.
  function poisson(mean) {
    const mode = Math.floor(mean);
    const up = [1], down = [];
    for (let k = mode + 1, p = 1; p > 1e-18; k++) up.push((p *= mean / k));
    for (let k = mode, p = 1; k > 0 && p > 1e-18; k--) down.push((p *= k / mean));
    const chances = [...down.reverse(), ...up];
    const sum = chances.reduce((a, b) => a + b);
    return { first: mode - down.length, chances: chances.map((p) => p / sum) };
  }

  // The smallest count with this chance, or more, of it or less.
  function quantile({ first, chances }, share) {
    let sum = 0;
    const found = chances.findIndex((p) => (sum += p) >= share);
    return first + (found < 0 ? chances.length - 1 : found);
  }

  // The chance of so many or more; or of so many or fewer, where that is less than the mean.
  function chance({ first, chances }, followers, mean) {
    const here = followers - first;
    const part = followers < mean
      ? chances.slice(0, Math.max(here + 1, 0))
      : chances.slice(Math.max(here, 0));
    return Math.min(part.reduce((a, b) => a + b, 0), 1);
  }

  function luck(rate, views, followers) {
    if (!rate) return words.nobody;
    const mean = (rate * views) / 1000;
    const all = poisson(mean);
    const [low, high] = LUCK.map((share) => quantile(all, share));
    const share = 100 * chance(all, followers, mean);
    const kind = share < 1 ? "hardly" : share > 99 ? "nearly" : "about";
    const which = followers >= mean ? "many" : followers ? "few" : "zero";
    const end = followers < low ? "fewer" : followers > high ? "more" : "inside";
    const range = { views: count(views, "view"), low: commas(String(low)), high: commas(String(high)) };
    const said = fill(words[kind], { n: Math.round(share) });
    const given = { followers: commas(String(followers)), share: said };
    return fill(words[high ? "range" : "none"], range) + fill(words[end], given) + fill(words[which], given);
  }

  const verdict = (rate, { spread: [, low, , high] }) =>
    verdicts[rate < low ? 0 : rate > high ? 2 : 1];

  // The strip of the row, and where the video stands on it; the words beside it say the same.
  function strip({ spread: [tenth, low, middle, high, ninetieth] }, rate) {
    const widest = 1.04 * (Math.max(high, ninetieth || 0, rate) || 1);
    const x = (value) => (10 + (310 * value) / widest).toFixed(1);
    const draw = (name, looks) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(looks)) mark.setAttribute(key, value);
      return mark;
    };
    const line = (from, to, y, stroke, width) =>
      draw("line", { x1: x(from), x2: x(to), y1: y, y2: y, stroke, "stroke-width": width });
    const svg = draw("svg", { class: "chart", viewBox: "0 0 330 44", width: 330, "aria-hidden": true });
    const left = Math.min(Math.max(x(rate), 28), 300);
    const you = draw("text", { x: left, y: 11, "text-anchor": "middle", "font-size": 13, fill: "currentColor" });
    you.textContent = `you: ${number(rate)}`;
    svg.append(line(0, widest, 31, "var(--grid)", 1));
    if (ninetieth !== null) svg.append(line(tenth, ninetieth, 31, "var(--soft)", 2));
    svg.append(
      line(low, high, 31, "var(--clear)", 9),
      draw("circle", { cx: x(middle), cy: 31, r: 5.5, fill: "currentColor", stroke: "var(--sheet)", "stroke-width": 2 }),
      draw("path", { d: `M${x(rate)} 25l-6 -9h12z`, fill: "var(--likely)" }),
      you,
    );
    return svg;
  }

  function answer(views, followers, kind) {
    const rate = rounded((1000 * followers) / views);
    const own = {
      followers: count(followers, "follower"), views: count(views, "view"), rate: number(rate),
    };
    if (views > most) return { own: fill(words.own, own), told: [words.beyond] };
    const b = bands.findIndex((band) => band.below === null || views < band.below);
    const told = [bands[b].among, luck(bands[b].rate, views, followers)];
    const found = {
      own: fill(words.own, own), verdict: verdict(rate, bands[b]), told, strip: strip(bands[b], rate),
    };
    if (!kind) return found;
    const cell = kinds[kind].bands[b];
    const group = cell || kinds[kind].all;
    const there = fill(words.kind, { verdict: verdict(rate, group) });
    told.push(`${cell ? "" : words.rare}${group.among} ${there}`);
    return found;
  }

  // What was typed, as a whole number, and how it was read; or what to write instead.
  function read(text, noun, example) {
    const typed = text.normalize("NFKC").trim().toLowerCase();
    const plain = typed.replace(/[\s'’]/g, "");
    const short = /^(\d+(?:\.\d+)?)([km])$/.exec(plain);
    const wrong = (says) => ({ says });
    if (!plain) return wrong(`Write the ${noun}, such as ${example}.`);
    if (/^[-−–]/.test(plain)) return wrong(`It cannot be less than 0. Write a number such as ${example}.`);
    let n;
    if (/^\d+$/.test(plain) || /^[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)$/.test(plain))
      n = Number(plain.replace(/[,.]/g, ""));
    else if (short) n = Math.round(Number(short[1]) * (short[2] === "k" ? 1e3 : 1e6));
    else if (/^\d*[.,]\d*$/.test(plain))
      return wrong(`A count has no decimals: write a whole number, such as ${example}.`);
    else return wrong(`Write digits only, such as ${example}; 1,200 and 12.7K are fine, too.`);
    if (n > MOST) return wrong(`That is more than we can place: at most ${commas(String(MOST))}.`);
    const told = commas(String(n));
    return { n, says: String(n) === typed ? "" : `Read as ${told}${short ? ", a rounded number" : ""}.` };
  }

  function check() {
    const views = read(at("own-views").value, "views", "5000");
    const followers = read(at("own-followers").value, "new followers", "3");
    if (views.n === 0) {
      delete views.n;
      views.says = "Without a view nobody could follow: write 1 or more.";
    }
    if (followers.n > views.n) {
      delete followers.n;
      followers.says = "More new followers than views: are the two the right way round?";
    }
    for (const [id, found] of [["own-views", views], ["own-followers", followers]]) {
      at(`${id}-says`).textContent = found.says;
      at(id).setAttribute("aria-invalid", String(found.n === undefined));
    }
    return [views.n, followers.n];
  }

  function show() {
    const [views, followers] = check();
    const output = at("own-answer");
    output.replaceChildren();
    if (views === undefined || followers === undefined) return false;
    const kind = at("own-kind") ? at("own-kind").value : "";
    const found = answer(views, followers, kind);
    const card = document.createElement("div");
    card.className = "card";
    const line = (text, look = "") => {
      const written = document.createElement("p");
      written.className = look;
      written.textContent = text;
      return written;
    };
    card.append(line(found.own));
    if (found.verdict) {
      card.append(line(found.verdict[0].toUpperCase() + found.verdict.slice(1), "big"), found.strip);
    }
    card.append(...found.told.map((text) => line(text)));
    if (found.verdict === verdicts[0]) {
      const link = document.createElement("a");
      link.href = "index.html";
      link.textContent = words.next;
      const next = line("Next step: ", "next");
      next.append(link);
      card.append(next);
    }
    output.append(card);
    card.scrollIntoView({ block: "nearest" });
    return true;
  }

  at("own-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!show()) at("own-form").querySelector("[aria-invalid=true]").focus();
  });
  // An answer is to what stands in the form. Nothing above the button moves before it is let go.
  at("own-form").addEventListener("input", (event) => {
    const answered = at("own-answer").hasChildNodes();
    if (event.target.id !== "own-kind") at("own-answer").replaceChildren();
    else if (answered) show();
  });
  at("ask").hidden = false;
})();
