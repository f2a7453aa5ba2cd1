"use strict";
// Text only ever enters the page as text nodes: what a sample holds is shown, never obeyed.

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const KEYWORDS = new Set(
  ("False None True and as assert async await break case class continue def del elif else except " +
    "finally for from global if import in is lambda match nonlocal not or pass raise return try " +
    "while with yield").split(" "));

const TOKEN = new RegExp([
  /(?<comment>#[^\n]*)/,
  /(?<string>\b[rRbBfFuU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
  /(?<string2>"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)/,
  /(?<number>\b\d[\w.]*)/,
  /(?<word>[A-Za-z_]\w*)/,
].map((part) => part.source).join("|"), "g");

const kindOf = (groups, before) => {
  if (groups.comment) return "comment";
  if (groups.string || groups.string2) return "string";
  if (groups.number) return "number";
  if (KEYWORDS.has(groups.word)) return "keyword";
  return /\b(?:def|class)\s+$/.test(before) ? "defined" : "";
};

const coloured = (text) => {
  const code = make("code");
  let last = 0;
  for (const found of text.matchAll(TOKEN)) {
    const kind = kindOf(found.groups, text.slice(Math.max(0, found.index - 12), found.index));
    if (!kind) continue;
    code.append(text.slice(last, found.index), make("span", kind, found[0]));
    last = found.index + found[0].length;
  }
  code.append(text.slice(last));
  return code;
};

for (const block of document.querySelectorAll('pre[data-language="python"] > code')) {
  block.replaceWith(coloured(block.textContent));
}

const tableOf = (block) => {
  const table = make("table");
  const head = table.createTHead().insertRow();
  for (const name of block.columns) head.append(make("th", "", name));
  const body = table.createTBody();
  for (const cells of block.rows) {
    const row = body.insertRow();
    for (const cell of cells) {
      const code = make("code", "", cell);
      row.insertCell().append(code);
    }
  }
  const scroll = make("div", "scroll");
  scroll.append(table);
  return scroll;
};

const blockOf = (block) => {
  const part = make("div", "block");
  part.append(make("h4", "", block.label));
  if (block.rows.length) part.append(tableOf(block));
  if (block.text) {
    const pre = make("pre", block.language === "python" ? "code" : "code prose");
    pre.append(block.language === "python" ? coloured(block.text) : make("code", "", block.text));
    part.append(pre);
  }
  return part;
};

const valuesOf = (item, facet) => [item.facets[facet] ?? []].flat();

const textOf = (item) => [
  item.title, item.subtitle, ...Object.values(item.facets).flat(),
  ...item.blocks.flatMap((block) => [block.text, ...block.rows.flat()]),
].join("\n").toLowerCase();

const browse = (root) => {
  const items = JSON.parse(root.querySelector("script").textContent);
  const texts = items.map(textOf);
  const search = root.querySelector("input");
  const list = root.querySelector(".list");
  const shown = root.querySelector(".item");
  const narrow = matchMedia("(max-width: 760px)");
  const chosen = {};
  let current = null;

  const show = (item, button) => {
    current = item;
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button?.setAttribute("aria-current", "true");
    shown.replaceChildren(make("h3", "", item.title), make("p", "subtitle", item.subtitle));
    const marks = make("p", "marks");
    for (const [facet, values] of Object.entries(item.facets)) {
      for (const value of [values].flat()) {
        const mark = make("span", "", value);
        mark.title = facet;
        marks.append(mark);
      }
    }
    shown.append(marks, ...item.blocks.map(blockOf));
  };

  const entry = (item) => {
    const button = make("button");
    button.type = "button";
    button.append(make("b", "", item.title), make("small", "", item.subtitle));
    button.addEventListener("click", () => {
      show(item, button);
      if (narrow.matches) shown.scrollIntoView({ block: "start" });
    });
    const row = make("li");
    row.append(button);
    return row;
  };

  const fits = (item, index, words) =>
    words.every((word) => texts[index].includes(word)) &&
    Object.entries(chosen).every(([facet, value]) => !value || valuesOf(item, facet).includes(value));

  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter((item, index) => fits(item, index, words));
    const rows = found.map(entry);
    list.replaceChildren(...rows);
    root.querySelector(".count").textContent =
      `${found.length} of ${items.length} ${root.dataset.noun}`;
    const index = Math.max(0, found.indexOf(current));
    if (found.length) show(found[index], rows[index].firstChild);
    else shown.replaceChildren(make("p", "subtitle", "Nothing fits. Clear a filter or the search."));
  };

  const filterOf = (facet) => {
    const counts = new Map();
    for (const value of items.flatMap((item) => valuesOf(item, facet))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size < 2) return null;
    const select = make("select");
    select.setAttribute("aria-label", facet);
    select.append(new Option(`any ${facet}`, ""));
    const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    for (const [value, number] of ranked) select.append(new Option(`${value} (${number})`, value));
    select.addEventListener("change", () => { chosen[facet] = select.value; update(); });
    return select;
  };

  const facets = [...new Set(items.flatMap((item) => Object.keys(item.facets)))];
  root.querySelector(".filters").append(...facets.map(filterOf).filter(Boolean));
  search.addEventListener("input", update);
  update();
};

document.querySelectorAll(".browser").forEach(browse);
