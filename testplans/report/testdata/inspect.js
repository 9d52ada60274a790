// What the browser tests ask of an open report. Each function returns a list of
// complaints, empty if all is well.

const seen = e => e.checkVisibility({contentVisibilityAuto: true});
const name = e => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""} "${(e.textContent || "").trim().replace(/\s+/g, " ").slice(0, 50)}"`;

function textOf(selector) {
  return [...document.querySelectorAll(selector)].map(e => e.innerText.replace(/\s+/g, " ").trim());
}

function unfold() {
  document.querySelectorAll("details").forEach(d => { d.open = true; });
  return true;
}

function deadLinks() {
  return [...document.querySelectorAll('a[href^="#"]')]
    .filter(a => !document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1))))
    .map(a => `${a.getAttribute("href")} in ${name(a)}`);
}

// structure: one h1, no heading level left out, no id twice, every drawing has a
// name, every table a head, no script.
function structure() {
  const bad = [];
  let level = 0;
  document.querySelectorAll("h1,h2,h3,h4").forEach(h => {
    const l = Number(h.tagName[1]);
    if (l > level + 1) bad.push(`${name(h)} follows a heading of level ${level}`);
    level = l;
  });
  if (document.querySelectorAll("h1").length !== 1) bad.push("there has to be one h1");
  const ids = new Set();
  document.querySelectorAll("[id]").forEach(e => {
    if (ids.has(e.id)) bad.push(`id ${e.id} twice`);
    ids.add(e.id);
  });
  document.querySelectorAll("svg").forEach(s => {
    const labelled = (s.getAttribute("aria-labelledby") || "").split(" ").every(id => id && document.getElementById(id));
    if (s.getAttribute("role") !== "img" || !(s.getAttribute("aria-label") || labelled)) bad.push(`drawing without a name: ${name(s)}`);
    if (/NaN|Infinity|undefined/.test(s.outerHTML)) bad.push(`drawing with no number where one belongs: ${name(s)}`);
  });
  document.querySelectorAll("table").forEach(t => {
    if (!t.tHead || !t.querySelector("th[scope=col]")) bad.push(`table without a head: ${name(t)}`);
  });
  if (document.querySelector("script,link,iframe,img,object")) bad.push("something that is loaded or runs");
  return bad;
}

// tooWide: the page itself never scrolls sideways; what must (tables, drawings)
// does so in its own frame.
function tooWide() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const bad = [...document.body.querySelectorAll("*")]
    .filter(e => seen(e) && !e.closest(".scroll") && e.getBoundingClientRect().right > width + 1)
    .map(e => `${name(e)} reaches ${Math.round(e.getBoundingClientRect().right)}`);
  return bad.length ? bad : [`the page is ${document.documentElement.scrollWidth} wide`];
}

// overlaps: in the topology no node and no interface name covers another; in
// charts no text covers another.
function overlaps() {
  const bad = [];
  const label = e => e.tagName === "rect" ? name(e.parentNode) : name(e);
  const check = list => {
    const boxes = list.map(e => e.getBoundingClientRect());
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const a = boxes[i], b = boxes[j];
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 1 && y > 2) bad.push(`${label(list[i])} and ${label(list[j])}`);
      }
    }
  };
  document.querySelectorAll("svg.topology").forEach(s => check([...s.querySelectorAll(".node rect, .port rect")]));
  document.querySelectorAll("svg.chart").forEach(s => check([...s.querySelectorAll("text")]));
  return bad;
}

function rgb(color) {
  const m = color.match(/rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)/);
  return m ? [Number(m[1]), Number(m[2]), Number(m[3]), m[4] === undefined ? 1 : Number(m[4])] : [0, 0, 0, 0];
}

function luminance([r, g, b]) {
  const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
}

function background(e) {
  if (e instanceof SVGElement) {
    const box = e.parentNode.querySelector(":scope > rect");
    if (e.closest(".node, .port") && box) return rgb(getComputedStyle(box).fill);
  }
  for (let at = e; at; at = at.parentElement) {
    const color = rgb(getComputedStyle(at).backgroundColor);
    if (color[3] === 1) return color;
  }
  return [255, 255, 255, 1];
}

// faint: text whose contrast is below WCAG 2.2 AA: 4.5, or 3 for large text.
function faint() {
  const bad = [];
  document.querySelectorAll("body *").forEach(e => {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !seen(e) || e.closest("title, desc, style")) return;
    const style = getComputedStyle(e);
    const color = rgb(e instanceof SVGElement ? style.fill : style.color);
    const [hi, lo] = [luminance(color), luminance(background(e))].sort((a, b) => b - a);
    const ratio = (hi + 0.05) / (lo + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${name(e)}`);
  });
  return bad;
}

// cutOff: of what is seen whole nothing lies beyond the frame that it scrolls in.
function cutOff(selector) {
  return [...document.querySelectorAll(selector)].filter(e => {
    const frame = e.closest(".scroll");
    return frame && frame.scrollWidth > frame.clientWidth + 1;
  }).map(name);
}
