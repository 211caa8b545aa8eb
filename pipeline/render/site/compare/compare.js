// The calculator of this page. A video is {term: number or level}; a comparison is c'b and c'Vc.
// Each <output> carries its numbers in full as data-ratio, data-low and data-high.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("published").textContent);
  const form = byId("videos");
  const controls = [...form.elements].filter((control) => /^[ab]\./.test(control.name));
  const FARTHEST = 30; // a log ratio, from which on a ratio is shown as this one
  const WIDEST = Math.log(8); // the ends of the drawn scale, as a log ratio

  const valueOf = (control) => {
    if (control.type === "checkbox") return control.checked ? "yes" : "no";
    return control.type === "number" ? control.valueAsNumber : control.value;
  };
  const video = (side) =>
    Object.fromEntries(
      controls
        .filter((control) => control.name.startsWith(side + "."))
        .map((control) => [control.name.slice(2), valueOf(control)]),
    );

  // What a number has of each knot of its curve: a cubic between the knots, straight beyond.
  const along = (term, value) => {
    const { log, knots: [first, middle, last], columns } = data.numbers[term];
    const at = Math[log](value);
    const cube = (knot) => Math.max(at - knot, 0) ** 3;
    const bend =
      (cube(first) - (cube(middle) * (last - first) - cube(last) * (middle - first)) / (last - middle)) /
      (last - first) ** 2;
    return Object.entries(columns).map(([level, [one, slope, bent]]) => [level, one + slope * at + bent * bend]);
  };

  // The levels in which A and B differ: [term, level, what A has of it less what B has].
  const differences = (a, b) =>
    Object.keys(a).flatMap((term) => {
      if (a[term] === b[term]) return [];
      if (!data.numbers[term]) return [[term, a[term], 1], [term, b[term], -1]];
      const other = Object.fromEntries(along(term, b[term]));
      return along(term, a[term])
        .map(([level, weight]) => [term, level, weight - other[level]])
        .filter(([, , weight]) => Math.abs(weight) > data.rounding);
    });

  // Beyond the videos of a question nobody knows the curve.
  const isBeyond = (question, term, one) => {
    const [low, high] = question.ranges[term] || [-Infinity, Infinity];
    return one[term] < low || one[term] > high;
  };

  const covariance = (question, i, j) => question.v[Math.max(i, j)][Math.min(i, j)];

  const compare = (question, parts, a, b) => {
    const placed = parts.map(([term, level, weight]) => {
      const isFar = data.numbers[term] && (isBeyond(question, term, a) || isBeyond(question, term, b));
      const place = isFar ? data.beyond : (question.terms[term] || {})[level];
      return { term, level, weight, place: place === undefined ? data.absent : place };
    });
    const untold = placed.filter((part) => typeof part.place === "string");
    const used = placed.filter((part) => part.place >= 0);
    if (untold.length || !used.length) return { untold };
    const value = used.reduce((sum, { place, weight }) => sum + weight * question.b[place], 0);
    const creators = Math.min(...used.map(({ place }) => question.creators[place]));
    // of each lever that differs: Student's t of its line, or of what its two levels differ by;
    // of a number the largest, for it differs by some of each line of its curve
    const quantile = ({ term, place }) => {
      if (question.t[place] === null) return null;
      const both = used.filter((part) => part.term === term).map((part) => part.place);
      const apart = both.length > 1 ? question.d[`${Math.min(...both)},${Math.max(...both)}`] : question.t[place];
      return data.numbers[term] && apart !== null ? Math.max(apart, ...both.map((at) => question.t[at])) : apart;
    };
    const without = used.filter(({ place }) => question.t[place] === null);
    const unsure = without.length ? without : used.filter((part) => quantile(part) === null);
    let variance = 0;
    for (const one of used)
      for (const other of used)
        variance += one.weight * other.weight * covariance(question, one.place, other.place);
    if (unsure.length || !(variance > 0)) return { untold, unsure, value, creators };
    // the largest quantile is that of the fewest degrees of freedom
    const reach = Math.max(...used.map(quantile)) * Math.sqrt(variance);
    return { untold, unsure, value, creators, low: value - reach, high: value + reach };
  };

  const ratio = (log) => Math.exp(Math.max(-FARTHEST, Math.min(FARTHEST, log)));
  const shown = (log) => {
    const value = ratio(log);
    if (value < 0.001) return "under 0.001";
    if (value > 1000) return "over 1,000";
    return value.toFixed(value < 0.01 ? 3 : value < 10 ? 2 : 0);
  };
  const named = (term, value) => {
    if (!data.numbers[term]) return data.words[term][value];
    const { unit, label } = data.numbers[term];
    return unit ? `${value} ${unit}${value === 1 ? "" : "s"}` : `${value} (${label.toLowerCase()})`;
  };
  const listed = (parts) =>
    [...new Set(parts.map(({ term, level }) =>
      data.numbers[term] ? data.numbers[term].label.toLowerCase() : data.words[term][level]))].join(", ");
  const isSure = ({ low, high }) => low > 0 || high < 0;
  const word = ({ low, high }) => (low > 0 ? data.said.above : high < 0 ? data.said.below : data.said.cannot);
  const where = (found) => (isSure(found) ? `A’s whole range is ${word(found)}` : word(found));

  const sentence = (question, found, nothing) => {
    if (nothing) return "A and B are the same video.";
    if (found.untold.length) {
      const whys = [...new Set(found.untold.map((part) => part.place))];
      const said = whys.map((why) => `${listed(found.untold.filter((part) => part.place === why))}: ${why}`);
      return `The data can’t tell (${said.join("; ")}).`;
    }
    const who = data.one ? "This account" : "Same creator";
    const start = `${who}: A would be expected to get ${shown(found.value)}\u00a0× ${question.counts} of B`;
    if (found.low === undefined) {
      const why = found.creators < 5 && found.unsure.length
        ? `fewer than five creators can tell (${listed(found.unsure)})`
        : "the creators do not differ, so no error can be worked out";
      return `${start}. There is no range, because ${why}. So nobody can tell which gets more.`;
    }
    const end = isSure(found) ? `: ${where(found)}` : ", so we can’t tell which gets more";
    return `${start}. The 95\u00a0% range is ${shown(found.low)} to ${shown(found.high)}${end}.`;
  };

  const middle = 140, half = 122;
  const across = (log) => middle + half * Math.max(-1, Math.min(1, log / WIDEST));
  const draw = (svg, found) => {
    const set = (name, values) => {
      const mark = svg.querySelector("." + name);
      for (const [key, value] of Object.entries(values)) mark.setAttribute(key, value);
    };
    const known = found.low !== undefined;
    const look = found.value === undefined ? "none" : isSure(found) ? "differs" : "untold";
    svg.setAttribute("class", `range ${look}`);
    const ends = known ? [found.low, found.high] : [found.value || 0, found.value || 0];
    const seenIf = (is) => ({ visibility: is ? "visible" : "hidden" });
    set("dot", { cx: across(found.value || 0), ...seenIf(Math.abs(found.value) <= WIDEST) });
    set("span", { x1: across(ends[0]), x2: across(ends[1]), ...seenIf(known) });
    set("lower", seenIf(ends[0] < -WIDEST));
    set("upper", seenIf(ends[1] > WIDEST));
  };

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const put = (name, question, parts, a, b) => {
    const nothing = !parts.length;
    const found = nothing ? { untold: [] } : compare(question, parts, a, b);
    const output = byId(name);
    for (const [key, log] of [["ratio", found.value], ["low", found.low], ["high", found.high]]) {
      if (log === undefined) output.removeAttribute(`data-${key}`);
      else output.setAttribute(`data-${key}`, ratio(log));
    }
    const big = nothing ? "the same" : found.value === undefined ? "no answer yet" : `${shown(found.value)}\u00a0×`;
    const span = found.low === undefined ? "" : `${shown(found.low)} to ${shown(found.high)}`;
    write(output, sentence(question, found, nothing));
    write(byId(`${name}-big`), big);
    write(byId(`${name}-span`), span);
    write(byId(`${name}-word`), found.value === undefined ? "" : where(found));
    byId(`${name}-word`).classList.toggle("differs", isSure(found));
    inShort(name, big, found.value === undefined ? ["", ""] : [span || "no range", word(found)], isSure(found));
    write(byId(`${name}-fewest`), !(found.creators >= 2) || data.one ? "" :
      ` Each part rests on at least ${found.creators} creators.`);
    draw(byId(`${name}-range`), found);
    if (nothing) return "";
    return `${data.short[name]} ${found.value === undefined ? big : `${shown(found.value)} times, ${where(found)}`}.`;
  };
  // What stands in the strip: bold only where the range leaves out 1.
  const inShort = (name, big, [span, told], bold) => {
    write(byId(`${name}-short`), big);
    write(byId(`${name}-brief`), span);
    write(byId(`${name}-told`), told);
    byId(`${name}-short`).classList.toggle("sure", bold);
  };

  // Says of each control what is wrong with it, under it; gives what is said.
  const faults = () =>
    controls.flatMap((control) => {
      const says = byId(`${control.id}-says`);
      if (!says) return [];
      const isWrong = !control.checkValidity() || Number.isNaN(valueOf(control));
      control.setAttribute("aria-invalid", String(isWrong));
      write(says, isWrong ? `Write a ${control.step === "any" ? "" : "whole "}number from ${control.min} to ${control.max}. The answer below is the old one.` : "");
      return isWrong ? [`${control.dataset.says}: ${says.textContent}`] : [];
    });

  // One line for screen readers, a moment after the last key.
  const PAUSE = 600; // ms
  let waiting;
  const announce = (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => write(byId("status"), text), PAUSE);
  };

  const beyond = (a, b) =>
    Object.entries(data.seen).flatMap(([term, [low, high]]) => {
      const far = [["A", a[term]], ["B", b[term]]].filter(([, value]) => value < low || value > high);
      if (!far.length) return [];
      const { has, have } = data.numbers[term];
      const said = far.map(([side, value]) => `${side} ${has.replace("{number}", named(term, value))}`).join(" and ");
      return [`${said}. Nine in ten videos here ${have.replace("{number}", `${low} to ${named(term, high)}`)}.`];
    });

  const show = () => {
    const wrong = faults();
    if (wrong.length) {
      for (const name of Object.keys(data.questions)) inShort(name, "–", ["", ""], false);
      return wrong.join(" ");
    }
    const [a, b] = [video("a"), video("b")];
    const parts = differences(a, b);
    const terms = Object.keys(a).filter((term) => a[term] !== b[term]);
    const told = (one) => terms.map((term) => named(term, one[term])).join(", ");
    write(byId("which"), parts.length ? `A: ${told(a)}. B: ${told(b)}. All else is the same.` : "A and B differ in nothing.");
    const said = Object.entries(data.questions).map(([name, question]) => put(name, question, parts, a, b));
    const far = beyond(a, b);
    write(byId("beyond"), far.length ? `${far.join(" ")} So this answer is a stretch: few videos in the data are like that.` : "");
    byId("beyond").hidden = !far.length;
    return parts.length ? said.join(" ") : "A and B are the same video.";
  };

  // The form is kept behind the # of the address, so that a comparison can be passed on.
  const keep = () => {
    const state = controls.map((control) => `${control.name}=${valueOf(control)}`);
    history.replaceState(null, "", "#" + state.join("&"));
  };
  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const control of controls) {
      const kept = state.get(control.name);
      if (kept === null) continue;
      if (control.type === "checkbox") control.checked = kept === "yes";
      else if (control.type === "number") {
        const plain = control.step === "any" ? /^\d+(\.\d+)?$/ : /^\d+$/;
        if (plain.test(kept) && +kept >= +control.min && +kept <= +control.max) control.value = kept;
      }
      else if ([...control.options].some((option) => option.value === kept)) control.value = kept;
    }
    show();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { announce(show()); keep(); });
  addEventListener("hashchange", restore);
  byId("swap").addEventListener("click", () => {
    for (const one of controls.filter((control) => control.name.startsWith("a."))) {
      const other = form.elements.namedItem("b." + one.name.slice(2));
      [one.value, other.value] = [other.value, one.value];
      [one.checked, other.checked] = [other.checked, one.checked];
    }
    announce(show());
    keep();
  });

  // While the form is in view and the answer is not, a strip at the bottom has it in short.
  const inView = new Map();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) inView.set(target.id, isIntersecting);
    byId("strip").hidden = !inView.get("videos") || inView.get("results");
  });
  watch.observe(form);
  watch.observe(byId("results"));

  byId("without").hidden = true;
  byId("tool").hidden = false;
  restore();
})();
