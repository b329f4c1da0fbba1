// The panel's own behaviour: the CSRF header for htmx, keys, rows, kept text, live counters. No eval, no inline code.
(function () {
  "use strict";
  const base = "/admin";
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";
  const $ = (one) => document.querySelector(one);

  document.body.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = token(); });
  // a refusal is a fragment with a sentence: show it where the answer would have stood
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 400 && status < 500 && status !== 401) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });

  // arriving inside without a refusal means the last text was taken; at the login it was not
  const sent = sessionStorage.getItem("sent");
  if (sent && token() && !$("[role=alert]")) sessionStorage.removeItem(sent);
  sessionStorage.removeItem("sent");

  // text of a form survives an expired session or a closed tab's reload: kept in this tab only, dropped when sent
  const keyOf = (form) => "kept:" + form.dataset.keep;
  document.querySelectorAll("form[data-keep]").forEach((form) => {
    const kept = sessionStorage.getItem(keyOf(form));
    if (kept) {
      const values = JSON.parse(kept);
      let any = false;
      for (const [name, value] of Object.entries(values)) {
        const input = form.elements[name];
        if (input && !input.value && value && input.type !== "file") { input.value = value; any = true; }
      }
      if (any) form.closest("details")?.setAttribute("open", "");
    }
    form.addEventListener("input", () => {
      const values = {};
      for (const one of form.elements) {
        if (one.name && !["hidden", "file", "radio", "submit"].includes(one.type)) values[one.name] = one.value;
      }
      sessionStorage.setItem(keyOf(form), JSON.stringify(values));
    });
    form.addEventListener("submit", () => { form.dataset.sent = "1"; });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset && form.dataset.keep) sessionStorage.setItem("sent", keyOf(form));
    const button = form.querySelector("button:not([type=button])");
    if (form.method === "post" && button && !form.hasAttribute("hx-post")) {
      setTimeout(() => { button.disabled = true; }, 0);
      setTimeout(() => { button.disabled = false; }, 4000);
    }
  });

  // the filter to keep is the one in the address bar: htmx may have changed it since the page came
  document.addEventListener("submit", (event) => {
    if (event.target.matches?.("[data-keeps-filter]") && location.search) event.target.elements.query.value = location.search.slice(1);
  });

  // rows: click anywhere, j and k, Enter
  const rows = () => Array.from(document.querySelectorAll("[data-rows] tbody tr[data-href]"));
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, select, summary")) location.href = row.dataset.href;
    if (event.target.closest("[data-toggle-side]")) $("#side").classList.toggle("open");
    if (event.target.closest("[data-open-keys]")) $("#keys").showModal();
    if (event.target.closest("[data-print]")) window.print();
    const pick = event.target.closest("[data-pick]");
    if (pick) take(pick);
  });
  // the call desk: a suggestion fills the form; the first one does so by itself while nothing was chosen by hand
  const put = (id, value) => { const input = document.getElementById(id); if (input && value) input.value = value; };
  function take(pick) {
    put(pick.dataset.pick, pick.dataset.value);
    put("kind", pick.dataset.alsoKind);
    put("urgency", pick.dataset.alsoUrgency);
    if (pick.dataset.place && !document.getElementById("place").value) put("place", pick.dataset.place);
    pick.parentElement.querySelectorAll(".btn").forEach((one) => one.classList.toggle("btn-primary", one === pick));
  }
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "hints") return;
    event.target.querySelectorAll("[data-first]").forEach((pick) => {
      const input = document.getElementById(pick.dataset.pick);
      if (input && !input.dataset.byHand) take(pick);
    });
  });
  document.addEventListener("change", (event) => { if (["category", "area_code"].includes(event.target.id)) event.target.dataset.byHand = "1"; });
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(Math.max(at + by, 0), all.length - 1);
    all.forEach((row) => row.classList.remove("at"));
    all[next].classList.add("at");
    all[next].scrollIntoView({ block: "nearest" });
  };
  const open = (...names) => {
    for (const name of names) {
      const one = $(`details[data-move="${name}"]`);
      if (one) { one.open = true; one.querySelector("select, textarea, input:not([type=hidden])")?.focus(); one.scrollIntoView({ block: "center" }); return; }
    }
  };
  let went = 0;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing?.form) { typing.form.requestSubmit(); return; }
    if (event.key === "Escape" && typing) { typing.blur(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (went && Date.now() - went < 1200) {
      const to = { c: "/cases", t: "/conversations", a: "/applications" }[event.key];
      went = 0;
      if (to) { location.href = base + to; return; }
    }
    const does = {
      "/": () => ($("[data-key=search]") || $("input[type=search]"))?.focus(),
      "?": () => $("#keys")?.showModal(),
      n: () => { location.href = base + "/call"; },
      j: () => step(1), k: () => step(-1),
      Enter: () => { const row = $("tr.at"); if (row) location.href = row.dataset.href; },
      g: () => { went = Date.now(); },
      a: () => open("dispatch", "reassign"), r: () => open("reply"), b: () => open("note"), x: () => open("correct"),
    }[event.key];
    if (does) { event.preventDefault(); does(); }
  });

  // live counters: title badge, menu counts, a short sound for a new waiting person
  if ($(".side") && token() && window.EventSource) {
    const plain = document.title;
    let before = null;
    const live = new EventSource(base + "/live");
    live.addEventListener("counts", (event) => {
      const counts = JSON.parse(event.data);
      document.querySelectorAll("[data-live]").forEach((one) => {
        const value = counts[one.dataset.live];
        one.hidden = !value || value === "0";
        one.textContent = value || "";
      });
      const calls = counts.conversations && counts.conversations !== "0";
      document.title = (calls ? `(${counts.conversations}) ` : "") + plain;
      if (before !== null && counts.conversations !== before && calls) chime();
      before = counts.conversations;
    });
    live.addEventListener("over", () => { live.close(); location.reload(); });
    window.addEventListener("beforeunload", () => live.close());
  }
  function chime() {
    try {
      const audio = new AudioContext();
      const tone = audio.createOscillator(), volume = audio.createGain();
      tone.frequency.value = 660; volume.gain.setValueAtTime(0.08, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.5);
      tone.connect(volume).connect(audio.destination); tone.start(); tone.stop(audio.currentTime + 0.5);
    } catch { /* no sound before the first click on the page: the title shows it */ }
  }
})();
