// What scripts add: saving while people answer, and finding a skill. Without them, all works too.
"use strict";
(() => {
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  const status = document.querySelector(".saved");
  const before = form.querySelector("[name=before]");
  let timer, busy = false, again = false;

  const fields = () => {
    const data = new URLSearchParams(new FormData(form));
    data.set("quiet", "1");
    return data;
  };
  const save = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields(), redirect: "error" });
      const text = await answer.text();
      if (answer.ok) {
        before.value = text;
        status.textContent = status.dataset.saved;
      } else {
        status.textContent = status.dataset.failed;
      }
    } catch {
      status.textContent = status.dataset.failed;
    }
    busy = false;
    if (again) { again = false; save(); }
  };
  form.addEventListener("input", () => {
    status.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(save, 600);
  });
  addEventListener("pagehide", () => {
    if (timer) navigator.sendBeacon(form.action, fields());
  });

  const find = document.querySelector("[data-find]");
  if (find) {
    find.closest(".field").hidden = false;
    find.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = find.value.trim().toLocaleLowerCase();
      for (const one of document.querySelectorAll("[data-skill]")) {
        one.hidden = !one.dataset.skill.toLocaleLowerCase().includes(wanted);
      }
    });
  }
})();
