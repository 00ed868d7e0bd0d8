// Sorting and searching tables. Every page is complete without scripts.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  all(".needs-js").forEach((element) => { element.hidden = false; });

  // A button in each heading sorts the rows of every body. Numbers are sorted by
  // `data-v`, not by their text, which depends on the language.
  const language = document.documentElement.lang;
  const order = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const worth = (cell) => {
    if (cell.dataset.v !== undefined) return parseFloat(cell.dataset.v);
    const steps = cell.querySelector(".st"); // levels are sorted by number, not by name
    if (steps) return parseInt(steps.className.slice(-1), 10);
    const when = cell.querySelector("time");
    if (when) return when.dateTime;
    return cell.matches(".n, .share") ? NaN : cell.textContent.trim();
  };
  const compare = (one, other) => {
    if (typeof one === "string" || typeof other === "string") {
      return order.compare(String(one), String(other));
    }
    return (Number.isNaN(one) ? -1 : one) - (Number.isNaN(other) ? -1 : other);
  };
  const sort = (heading, table, value, descending) => {
    all("[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.matches(".total, .gr"));
      const values = new Map(rows.map((row) => [row, value(row)]));
      rows.sort((a, b) => compare(values.get(a), values.get(b)) * (descending ? -1 : 1));
      body.append(...rows);
    }
  };
  const turned = (heading, descendingFirst) => {
    const before = heading.getAttribute("aria-sort");
    return before ? before === "ascending" : descendingFirst;
  };
  for (const table of all("table[data-sort]")) {
    all("thead th", table).forEach((heading, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      const numeric = heading.matches(".n") || Boolean(table.querySelector("td.share")) && at === 1;
      button.onclick = () => sort(heading, table, (row) => worth(row.cells[at]), turned(heading, numeric));
    });
  }

  // Search boxes hide the rows that do not contain all words.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const finder = (rows, texts) => (asked) => {
    const words = plain(asked).split(/\s+/).filter(Boolean);
    return rows.map((row, at) => words.every((word) => texts[at].includes(word)));
  };
  for (const box of all("[data-filter]")) {
    const rows = all(`tbody.${box.dataset.filter} tr`);
    const found = finder(rows, rows.map((row) => plain(row.textContent)));
    box.oninput = () => found(box.value).forEach((yes, at) => { rows[at].hidden = !yes; });
  }

  // On the page of a skill, opened from a cell of the map, mark the people of that community.
  const community = /^#(Q\d+)$/.exec(location.hash);
  if (community) {
    const rows = all(`[data-c="${community[1]}"]`);
    rows.forEach((row) => {
      row.classList.add("here");
      row.setAttribute("aria-current", "true");
      const folded = row.closest("details");
      if (folded) folded.open = true;
    });
    if (rows.length) rows[0].scrollIntoView({ block: "center" });
  }

  window.wbskills = { all, finder, plain, sort, turned };
})();
