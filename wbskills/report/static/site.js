// What pages gain where scripts run: sorting, searching, and reading the map with the keyboard.
// Every page is complete without it.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const shown = (element, yes) => { element.hidden = !yes; };
  all(".needs-js").forEach((element) => shown(element, true));

  // Tables: a button in each heading sorts the rows of every body.
  const language = document.documentElement.lang;
  const order = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const worth = (cell) => {
    const text = cell.textContent.trim();
    const steps = cell.querySelector(".st"); // levels go by their steps, not by their names
    if (steps) return parseInt(steps.className.slice(-1), 10);
    return cell.matches(".n, .share") ? parseFloat(text) : text;
  };
  const compare = (one, other) => {
    if (typeof one === "string") return order.compare(one, other);
    return (Number.isNaN(one) ? -1 : one) - (Number.isNaN(other) ? -1 : other);
  };
  const sort = (heading, table, value, descendingFirst) => {
    const before = heading.getAttribute("aria-sort");
    const descending = before ? before === "ascending" : descendingFirst;
    all("[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.matches(".total, .gr"));
      rows.sort((a, b) => compare(value(a), value(b)) * (descending ? -1 : 1));
      body.append(...rows);
    }
  };
  for (const table of all("table[data-sort]")) {
    all("thead th", table).forEach((heading, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      const numeric = heading.matches(".n") || Boolean(table.querySelector("td.share")) && at === 1;
      button.onclick = () => sort(heading, table, (row) => worth(row.cells[at]), numeric);
    });
  }

  // Search boxes: rows that do not hold the words are hidden.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  for (const box of all("[data-filter]")) {
    const byName = box.dataset.filter === "communities";
    const rows = all(`tbody.${box.dataset.filter} tr:not(.total)`);
    const texts = rows.map((row) => plain((byName ? row.cells[0] : row).textContent));
    box.oninput = () => {
      const words = plain(box.value).split(/\s+/).filter(Boolean);
      rows.forEach((row, at) => shown(row, words.every((word) => texts[at].includes(word))));
    };
  }

  // The page of a skill, reached from a cell of the map: that community's people stand out.
  const community = /^#(Q\d+)$/.exec(location.hash);
  if (community) {
    const rows = all(`tr[data-c="${community[1]}"]`);
    rows.forEach((row) => row.classList.add("here"));
    if (rows.length) rows[0].scrollIntoView({ block: "center" });
  }

  const map = document.getElementById("map");
  if (!map) return;
  const headings = [...map.tHead.rows[1].cells];
  const rows = [...map.tBodies[0].rows];
  const readout = document.getElementById("readout");
  const bands = JSON.parse(map.dataset.bands);
  let measure = "able";

  const numbers = new Map(); // what a cell says, read from its text the first time
  const read = (cell) => {
    let known = numbers.get(cell);
    if (!known) {
      const [able, people] = cell.textContent.split("/").map(Number);
      known = people === undefined ? {} : { able, people, mean: parseFloat(cell.dataset.m), text: cell.textContent };
      numbers.set(cell, known);
    }
    return known;
  };
  const row = (cell) => cell.parentNode;
  const told = (cell) => {
    const { able, people } = read(cell);
    const what = people === undefined ? map.dataset.unanswered
      : map.dataset.say.replace("{able}", able).replace("{people}", people).replace("{mean}", cell.dataset.m);
    const name = row(cell).cells[0].querySelector("bdi").textContent;
    return `${name}, ${headings[cell.cellIndex].querySelector("bdi").textContent}: ${what}`;
  };

  // Which of the three numbers is printed and shaded.
  for (const row of rows) for (const cell of [...row.cells].slice(1)) read(cell);
  const fieldset = document.getElementById("measure");
  shown(fieldset, true);
  fieldset.onchange = (event) => {
    measure = event.target.value;
    all("[data-key]").forEach((key) => {
      if (key.dataset.key !== "groups") shown(key, key.dataset.key === measure);
    });
    for (const [cell, known] of numbers) {
      if (known.text === undefined) continue;
      cell.textContent = measure === "able" ? known.text : measure === "mean" ? cell.dataset.m : known.people;
      if (row(cell).matches(".total")) continue;
      const step = bands[measure].filter((band) => known[measure] >= band).length;
      cell.className = Number.isNaN(known[measure]) ? "z" : "zabcdef"[step];
    }
  };

  // Sorting by a skill, and by name or size.
  headings.forEach((heading, at) => {
    const button = document.createElement("button");
    button.type = "button";
    const name = heading.textContent;
    if (at === 0) {
      button.append(...heading.childNodes);
      button.onclick = () => sort(heading, map, (one) => one.cells[0].textContent.trim(), false);
    } else {
      button.title = `${map.dataset.sortBy} ${name}`;
      button.setAttribute("aria-label", button.title);
      button.onclick = () => sort(heading, map, (one) => read(one.cells[at])[measure] ?? NaN, true);
    }
    heading.append(button);
  });

  // One group of skills at a time.
  document.getElementById("group").onchange = (event) => {
    const wanted = event.target.value;
    const hide = headings.map((heading, at) => at > 0 && wanted !== "" && heading.dataset.g !== wanted);
    [...map.tHead.rows[0].cells].slice(1).forEach((cell, at) => shown(cell, wanted === "" || String(at) === wanted));
    for (const one of [map.tHead.rows[1], ...rows]) [...one.cells].forEach((cell, at) => shown(cell, !hide[at]));
  };

  // Reading a cell by pointer or by arrow keys; Enter and a click open the people behind it.
  const open = (cell) => {
    const link = headings[cell.cellIndex].querySelector("a");
    const from = row(cell).cells[0].id.replace("c-", "#");
    if (link && read(cell).people) location.href = link.getAttribute("href") + from;
  };
  const say = (cell) => { readout.textContent = cell.title = told(cell); };
  let current = null;
  const go = (cell) => {
    if (!cell || cell.tagName !== "TD") return;
    if (current) current.tabIndex = -1;
    current = cell;
    cell.tabIndex = 0;
    cell.setAttribute("aria-label", told(cell));
    cell.focus();
  };
  const visible = (cell, step) => {
    while (cell && cell.hidden) cell = cell[step];
    return cell;
  };
  const beside = (line, at) => line && line.cells[at];
  const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const moves = {
    [forward]: (cell) => visible(cell.nextElementSibling, "nextElementSibling"),
    [backward]: (cell) => visible(cell.previousElementSibling, "previousElementSibling"),
    ArrowDown: (cell) => beside(visible(row(cell).nextElementSibling, "nextElementSibling"), cell.cellIndex),
    ArrowUp: (cell) => beside(visible(row(cell).previousElementSibling, "previousElementSibling"), cell.cellIndex),
    Home: (cell) => visible(row(cell).cells[1], "nextElementSibling"),
    End: (cell) => visible(row(cell).lastElementChild, "previousElementSibling"),
  };
  const first = rows[0] && rows[0].cells[1];
  if (first) { first.tabIndex = 0; current = first; }
  map.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    if (event.key === "Enter") open(cell);
    if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(moves[event.key](cell));
  });
  const cellOf = (event) => event.target.closest("tbody td");
  map.addEventListener("focusin", (event) => { if (cellOf(event)) say(cellOf(event)); });
  map.addEventListener("mouseover", (event) => { if (cellOf(event)) say(cellOf(event)); });
  map.addEventListener("click", (event) => { if (cellOf(event)) open(cellOf(event)); });
})();
