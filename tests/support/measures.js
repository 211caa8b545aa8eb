// What the browser tests measure on an open page. Nothing of this is part of the site.
window.measures = (() => {
  const within = document.documentElement;
  const name = element => {
    const said = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${said}`;
  };
  const scrolls = element => {
    for (let each = element; each && each !== within; each = each.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const owner = walker.currentNode.parentElement;
      const skipped = owner.closest("script, style, option, .skip, .sr-only, title, desc");
      if (walker.currentNode.data.trim() && !skipped && owner.checkVisibility())
        found.push(walker.currentNode);
    }
    return found;
  };
  const boxes = node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter(box => box.width > 0);
  };

  // Text that leaves the window, the drawing or the box that clips it.
  const cut = () => {
    const found = [];
    for (const node of texts()) {
      const owner = node.parentElement;
      const picture = owner.closest("svg");
      const frame = picture ? picture.getBoundingClientRect() : { left: 0, right: within.clientWidth };
      if (!picture && scrolls(owner)) continue;
      const all = picture ? [owner.getBoundingClientRect()] : boxes(node);
      if (all.some(box => box.left < frame.left - 1 || box.right > frame.right + 1
          || (picture && (box.top < frame.top - 2 || box.bottom > frame.bottom + 2))))
        found.push(name(owner));
    }
    for (const each of document.body.querySelectorAll("*")) {
      const style = getComputedStyle(each);
      if (["hidden", "clip"].includes(style.overflowX) && each.clientWidth > 1
          && !each.closest("svg") && each.scrollWidth > each.clientWidth + 1 && each.checkVisibility())
        found.push(`clipped ${name(each)}`);
    }
    return found;
  };

  const drawn = () => [...document.querySelectorAll("svg text")]
    .filter(each => each.checkVisibility() && each.textContent.trim());

  // Letters in drawings, in CSS pixels as they appear.
  const small = least => drawn()
    .map(each => [parseFloat(getComputedStyle(each).fontSize) * Math.abs(each.getScreenCTM().a)
      || parseFloat(getComputedStyle(each).fontSize) * Math.abs(each.getScreenCTM().b), each])
    .filter(([size]) => size < least)
    .map(([size, each]) => `${size.toFixed(1)} px ${name(each)}`);

  const overlapping = () => {
    const found = [];
    for (const picture of document.querySelectorAll("svg.chart")) {
      const all = [...picture.querySelectorAll("text")]
        .filter(each => each.checkVisibility() && each.textContent.trim())
        .map(each => [each.getBoundingClientRect(), each]);
      all.forEach(([one, mine], i) => all.slice(i + 1).forEach(([two, other]) => {
        const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
        const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
        if (wide > 2 && high > .4 * Math.min(one.height, two.height))
          found.push(`${name(mine)} over ${name(other)}`);
      }));
    }
    return found;
  };

  const light = colour => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(each => each / 255)
      .map(each => each <= .03928 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4);
    return .2126 * parts[0] + .7152 * parts[1] + .0722 * parts[2];
  };
  // Letters in drawings that are too close to the paper in lightness (WCAG 1.4.3).
  const faint = () => {
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return drawn().filter(each => {
      const ink = light(getComputedStyle(each).fill);
      return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05) < 4.5;
    }).map(each => `${getComputedStyle(each).fill} ${name(each)}`);
  };

  const sideways = () => within.scrollWidth - within.clientWidth;

  // What the tabulator key has to reach, in the order of the page; of a radio group one.
  let controls = [];
  const reachable = () => {
    const groups = new Set();
    controls = [...document.querySelectorAll(
      "a[href], button, input, select, textarea, summary, [tabindex]")].filter(each => {
      if (each.disabled || each.tabIndex < 0 || !each.checkVisibility({ visibilityProperty: true }))
        return false;
      if (each.type !== "radio") return true;
      const group = [...document.getElementsByName(each.name)];
      const chosen = group.find(one => one.checked) || group[0];
      return each === chosen && !groups.has(each.name) && groups.add(each.name);
    });
    return controls.map(name);
  };
  const focused = () => {
    const each = document.activeElement;
    const style = getComputedStyle(each);
    const box = each.getBoundingClientRect();
    return {
      at: controls.indexOf(each),
      name: name(each),
      ended: each === document.body,
      seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    };
  };

  // Where the focus is after each key.
  const trail = [];
  document.addEventListener("keyup", () => trail.push(focused()));

  // What hostile text would have to make to do anything.
  const foreign = () => [...document.querySelectorAll("*")].flatMap(each => [
    ...[...each.attributes].filter(one => /^on/i.test(one.name) || one.name === "style"
      || /^\s*(javascript|vbscript|data:text)/i.test(one.value)).map(one => `${name(each)} ${one.name}`),
    ...(/^(img|iframe|object|embed|base|marquee|foreignobject|animate|set|image|video|audio)$/i
      .test(each.tagName) ? [name(each)] : []),
  ]);

  return { cut, small, overlapping, faint, sideways, reachable, trail, foreign };
})();
