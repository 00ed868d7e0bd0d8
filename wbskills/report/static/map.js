// The capacity map: what is shown, sorting, filters, and reading it with the keyboard. Every choice
// is kept in the address, so that a link shows others the same.
"use strict";
(() => {
  const { all, finder, plain, sort, turned } = window.wbskills;
  const map = document.getElementById("map");
  if (!map) return;
  const headings = [...map.tHead.rows[1].cells];
  const bands = [...map.tHead.rows[0].cells].slice(1);
  const rows = [...map.tBodies[0].rows].filter((row) => !row.matches(".total"));
  const grouped = [...document.getElementById("grouped").tBodies[0].rows].filter((row) => !row.matches(".total"));
  const readout = document.getElementById("readout");
  const announce = document.getElementById("announce");
  const steps = JSON.parse(map.dataset.bands);
  const field = (id) => document.getElementById(id);
  const caption = field("caption");
  const language = document.documentElement.lang;
  const per = new Intl.NumberFormat(language, { style: "percent", numberingSystem: "latn" });
  const mean = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1, numberingSystem: "latn" });

  // The counts in each cell, read once from its text.
  const cells = new Map();
  for (const row of map.tBodies[0].rows) {
    for (const cell of [...row.cells].slice(1)) {
      const [able, people] = cell.textContent.split("/").map(Number);
      if (people === undefined) continue;
      const levels = cell.dataset.l ? cell.dataset.l.split(",").map(Number) : null;
      const points = levels ? levels.reduce((sum, n, at) => sum + n * at, 0) / people : parseFloat(cell.dataset.m);
      cells.set(cell, { able, people, levels, mean: points });
    }
  }

  // If only means are known, people were counted at one level, and no other can be chosen.
  const counted = [...cells.values()].some((known) => known.levels);
  const state = { show: "people", level: Number(map.dataset.level), group: "", language: "", region: "", find: "", by: "", order: "" };
  const first = { ...state };

  const ableAt = (known) => known.levels
    ? known.levels.reduce((sum, n, at) => sum + (at >= state.level ? n : 0), 0)
    : known.able;
  const value = (known) => {
    if (state.show === "mean") return known.mean;
    return state.show === "share" ? ableAt(known) / known.people : ableAt(known);
  };
  const text = (known) => {
    if (state.show === "people") return `${ableAt(known)}/${known.people}`;
    if (Number.isNaN(known.mean) && state.show === "mean") return "–";
    return `${state.show === "mean" ? mean.format(known.mean) : per.format(value(known))} (${known.people})`;
  };
  const paint = () => {
    for (const [cell, known] of cells) {
      const written = text(known);
      if (cell.firstChild.data !== written) cell.firstChild.data = written;
      if (cell.parentNode.matches(".total")) continue;
      const worth = value(known);
      const step = steps[state.show].filter((band) => worth >= band).length;
      const shade = Number.isNaN(worth) ? "z" : "zabcdef"[step];
      if (cell.className !== shade) cell.className = shade;
    }
    all("[data-key]").forEach((key) => {
      if (key.dataset.key !== "groups") key.hidden = key.dataset.key !== state.show;
    });
    map.classList.toggle("long", state.show !== "people");
  };

  // The caption says what the map shows, in print and for people who open a link to it.
  const updateCaption = () => {
    const level = [...field("level").options].find((one) => Number(one.value) === state.level);
    const at = state.by === "name" ? 0 : headings.findIndex((heading) => heading.dataset.s === state.by);
    const by = at < 0 ? "" : `${headings[at].querySelector("bdi, button").textContent.trim()} ${state.order === "desc" ? "↓" : "↑"}`;
    const left = rows.filter((row) => !row.hidden).length;
    const written = [
      caption.dataset[state.show].replace("{level}", () => (level ? level.textContent : "")),
      by ? caption.dataset.sorted.replace("{name}", () => by) : caption.dataset.order,
      left < rows.length ? `${map.dataset.shown.replace("{rows}", left).replace("{all}", rows.length)}.` : "",
    ].filter(Boolean).join(" ");
    if (caption.textContent !== written) caption.textContent = written;
  };

  // Filters. Columns are hidden by one rule for each group rather than cell by cell.
  const chosen = (id) => {
    const select = field(id);
    return select && select.selectedOptions[0] ? select.selectedOptions[0].dataset.at : undefined;
  };
  const found = finder(rows, rows.map((row) => plain(row.cells[0].textContent)));
  const narrow = () => {
    const named = found(state.find);
    const within = (row, key, at) => at === undefined || (row.dataset[key] || "").split(" ").includes(at);
    const [words, place] = [chosen("language"), chosen("region")];
    let count = 0;
    const names = new Map();
    rows.forEach((row, at) => {
      const yes = named[at] && within(row, "w", words) && within(row, "r", place);
      row.hidden = !yes;
      names.set(row.cells[0].textContent, yes);
      count += yes ? 1 : 0;
    });
    for (const row of grouped) row.hidden = !names.get(row.cells[0].textContent);
    announce.textContent = map.dataset.shown.replace("{rows}", count).replace("{all}", rows.length);
  };
  const columns = () => {
    const wanted = chosen("group");
    bands.forEach((cell, at) => { cell.hidden = wanted !== undefined && String(at) !== wanted; });
    const left = headings.filter((heading) => wanted === undefined || heading.dataset.g === wanted).length;
    field("cells").span = wanted === undefined ? headings.length - 1 : Math.max(1, left);
    const hide = headings.map((heading, at) => at > 0 && wanted !== undefined && heading.dataset.g !== wanted);
    for (const row of [map.tHead.rows[1], ...map.tBodies[0].rows]) {
      [...row.cells].forEach((cell, at) => { if (cell.hidden !== hide[at]) cell.hidden = hide[at]; });
    }
  };

  // Sorting by a skill, by name or by size.
  const order = () => {
    if (!state.by) return;
    const at = state.by === "name" ? 0 : headings.findIndex((heading) => heading.dataset.s === state.by);
    if (at < 0) return;
    const worth = at === 0
      ? (row) => row.cells[0].querySelector("bdi").textContent
      : (row) => { const known = cells.get(row.cells[at]); return known ? value(known) : NaN; };
    sort(headings[at], map, worth, state.order === "desc");
  };
  headings.forEach((heading, at) => {
    const button = document.createElement("button");
    button.type = "button";
    const name = heading.textContent.trim();
    if (at === 0) {
      button.append(...heading.childNodes);
    } else {
      button.title = map.dataset.sortBy.replace("{skill}", name);
      button.setAttribute("aria-label", button.title);
    }
    button.onclick = () => {
      state.by = at === 0 ? "name" : heading.dataset.s;
      state.order = turned(heading, at > 0) ? "desc" : "asc";
      order();
      remember();
    };
    heading.append(button);
  });

  // The address holds only what differs from the start.
  const remember = () => {
    const kept = new URLSearchParams();
    for (const [name, what] of Object.entries(state)) if (what !== first[name]) kept.set(name, what);
    const written = kept.toString();
    updateCaption();
    history.replaceState(null, "", written ? `#${written}` : location.pathname + location.search);
  };
  const recall = () => {
    if (!location.hash.includes("=")) return;
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const [name, what] of kept) if (name in first) state[name] = name === "level" ? Number(what) : what;
    if (!(state.show in steps)) state.show = first.show;
    if (!counted) state.level = first.level;
    for (const id of ["level", "group", "language", "region", "find"]) {
      const input = field(id);
      if (!input) continue;
      input.value = state[id];
      if (input.value !== String(state[id])) input.value = state[id] = first[id];
    }
    all("[name=measure]").forEach((radio) => { radio.checked = radio.value === state.show; });
    paint();
    narrow();
    columns();
    order();
    updateCaption();
  };
  const on = (id, change) => {
    const input = field(id);
    if (input) input.addEventListener(id === "find" ? "input" : "change", () => { change(input); remember(); });
  };
  on("measure", () => { state.show = document.querySelector("[name=measure]:checked").value; paint(); order(); });
  on("level", (input) => { state.level = Number(input.value); paint(); order(); });
  on("group", (input) => { state.group = input.value; columns(); });
  for (const id of ["language", "region", "find"]) on(id, (input) => { state[id] = input.value; narrow(); });

  // Reading a cell by pointer or arrow keys; Enter and a click open the skill’s page.
  const row = (cell) => cell.parentNode;
  const describe = (cell) => {
    const known = cells.get(cell);
    const what = known
      ? map.dataset.say.replace("{able}", ableAt(known)).replace("{people}", known.people)
        .replace("{mean}", Number.isNaN(known.mean) ? "–" : mean.format(known.mean))
        .replace("{level}", field("level").selectedOptions[0].textContent)
      : map.dataset.unanswered;
    const name = row(cell).cells[0].querySelector("bdi").textContent;
    return `${name}, ${headings[cell.cellIndex].querySelector("bdi").textContent}: ${what}`;
  };
  const open = (cell) => {
    const link = headings[cell.cellIndex].querySelector("a");
    const from = row(cell).cells[0].id.replace("c-", "#");
    if (link && cells.has(cell)) location.href = link.getAttribute("href") + from;
  };
  const showReadout = (cell) => { readout.textContent = cell.title = describe(cell); };
  let current = null;
  const go = (cell) => {
    if (!cell || cell.tagName !== "TD") return;
    if (current) current.tabIndex = -1;
    current = cell;
    cell.tabIndex = 0;
    cell.setAttribute("aria-label", describe(cell));
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
  const start = map.tBodies[0].rows[0].cells[1];
  if (start) { start.tabIndex = 0; current = start; }
  map.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    if (event.key === "Enter") open(cell);
    if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(moves[event.key](cell));
  });
  const cellOf = (event) => event.target.closest("tbody td");
  map.addEventListener("focusin", (event) => { if (cellOf(event)) showReadout(cellOf(event)); });
  map.addEventListener("mouseover", (event) => { if (cellOf(event)) showReadout(cellOf(event)); });
  map.addEventListener("click", (event) => { if (cellOf(event)) open(cellOf(event)); });
  window.addEventListener("hashchange", recall);
  recall();
})();
