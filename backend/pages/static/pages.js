// The pages behind links: forms that survive a dead network, photos made small, distance, signature. Works without it.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  const linli = window.linli;
  const texts = JSON.parse(document.body.dataset.texts);
  const side = document.body.dataset.side;
  const queue = linli.queue(side);
  const offline = document.getElementById("offline");
  let flushing = false;

  function setOffline(is) { offline.hidden = !is; }

  function show(form, sentence) {
    const place = form.querySelector(".problem");
    place.textContent = sentence;
    place.hidden = !sentence;
    if (sentence) { place.scrollIntoView({ block: "center" }); }
  }

  function busy(form, is) {
    form.querySelectorAll("button").forEach(function (button) { button.disabled = is; });
    const main = form.querySelector("button:not([type=button])");
    if (is) { main.dataset.label = main.textContent; main.textContent = texts.sending; } else if (main.dataset.label) { main.textContent = main.dataset.label; }
  }

  async function parts(form) {
    const found = [];
    for (const pair of new FormData(form)) {
      if (!(pair[1] instanceof File)) { found.push(pair); } else if (pair[1].size) { found.push([pair[0], await linli.shrink(pair[1])]); }
    }
    const pad = form.querySelector("#sign");
    if (pad && pad.dataset.drawn) {
      found.push(["signature", await new Promise(function (resolve) { pad.toBlob(resolve, "image/png"); })]);
    }
    return found;
  }

  function send(item, onProgress) {
    const data = new FormData();
    item.parts.forEach(function (pair) {
      if (pair[1] instanceof Blob) { data.append(pair[0], pair[1], "photo"); } else { data.append(pair[0], pair[1]); }
    });
    return linli.post(item.url, data, onProgress);
  }

  document.querySelectorAll("form.move").forEach(function (form) {
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      show(form, "");
      const pad = form.querySelector("#sign");
      if (pad && !pad.dataset.drawn) { show(form, texts.sign_first); return; }
      busy(form, true);
      const item = { key: linli.newKey(), url: form.action, parts: await parts(form), once: form.classList.contains("once") };
      const button = form.querySelector("button:not([type=button])");
      const answer = await send(item, function (share) { button.textContent = texts.sending + " " + Math.round(share * 100) + "%"; });
      if (answer.status >= 200 && answer.status < 300) { location.assign(answer.body.to); return; }
      busy(form, false);
      if (answer.status === 0 && !item.once) {
        await queue.add(item);
        setOffline(true);
        show(form, texts.kept);
        busy(form, true);
        return;
      }
      show(form, answer.body.sentence || (answer.status === 0 ? texts.no_network : texts.failed));
    });
  });

  // The browser's own file button speaks the browser's language and is small: the whole label is the button.
  document.querySelectorAll(".photo input").forEach(function (input) {
    const chosen = document.createElement("output");
    chosen.textContent = texts.choose_photo;
    input.after(chosen);
    input.addEventListener("change", function () {
      chosen.textContent = input.files.length ? texts.photos_chosen.replace("%", input.files.length) : texts.choose_photo;
    });
  });

  // What could not be sent: again when the network is back; what the office refuses is dropped and said.
  async function flush() {
    if (flushing) { return; }
    flushing = true;
    let sent = 0;
    let refused = "";
    try {
      for (const item of await queue.all()) {
        const answer = await send(item, null);
        if (answer.status === 0 || answer.status >= 500 || answer.status === 429) { setOffline(answer.status === 0); break; }
        await queue.remove(item.key);
        if (answer.status < 300) { sent += 1; } else { refused = answer.body.sentence || texts.failed; }
      }
    } finally { flushing = false; }
    if (refused) { window.alert(refused); }
    if (sent || refused) { location.reload(); }
  }
  window.addEventListener("online", function () { setOffline(false); flush(); });
  window.addEventListener("offline", function () { setOffline(true); });
  if (navigator.onLine) { flush(); } else { setOffline(true); }

  // ── a place on the map ───────────────────────────────────────────────────────────────────────────────
  const canLocate = "geolocation" in navigator && window.isSecureContext;
  function locate(then, button) {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(function (found) { button.disabled = false; then(found.coords); }, function () {
      button.disabled = false;
      button.textContent = texts.no_place;
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  }

  const here = document.getElementById("here");
  if (here && canLocate) {
    here.hidden = false;
    here.addEventListener("click", function () {
      locate(function (at) {
        here.form.elements.lat.value = at.latitude;
        here.form.elements.lon.value = at.longitude;
        here.textContent = texts.place_taken;
      }, here);
    });
  }

  // Distances stay on the phone.
  const nearest = document.getElementById("by-distance");
  const list = document.getElementById("tasks");
  if (nearest && canLocate && list.querySelector("[data-lat]")) {
    nearest.hidden = false;
    nearest.addEventListener("click", function () {
      locate(function (at) {
        const rows = Array.from(list.children);
        const metres = new Map(rows.map(function (row) {
          if (!row.dataset.lat) { return [row, Infinity]; }
          const north = (Number(row.dataset.lat) - at.latitude) * 110574;
          const east = (Number(row.dataset.lon) - at.longitude) * 111320 * Math.cos(at.latitude * Math.PI / 180);
          return [row, Math.hypot(north, east)];
        }));
        rows.sort(function (a, b) { return metres.get(a) - metres.get(b); }).forEach(function (row) {
          const tag = row.querySelector(".distance");
          const far = metres.get(row);
          if (tag && far < Infinity) { tag.textContent = far < 1000 ? Math.round(far) + " m" : (far / 1000).toFixed(1) + " km"; tag.hidden = false; }
          list.append(row);
        });
      }, nearest);
    });
  }

  // ── signature ────────────────────────────────────────────────────────────────────────────────────────
  const pad = document.getElementById("sign");
  if (pad) {
    const pen = pad.getContext("2d");
    const wipe = function () {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, pad.width, pad.height);
      pen.lineWidth = 4;
      pen.lineCap = "round";
      pen.strokeStyle = "#111";
      delete pad.dataset.drawn;
    };
    const at = function (event) {
      const box = pad.getBoundingClientRect();
      return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
    };
    let drawing = false;
    pad.addEventListener("pointerdown", function (event) { drawing = true; pad.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo.apply(pen, at(event)); });
    pad.addEventListener("pointermove", function (event) { if (drawing) { pen.lineTo.apply(pen, at(event)); pen.stroke(); pad.dataset.drawn = "1"; } });
    ["pointerup", "pointercancel"].forEach(function (name) { pad.addEventListener(name, function () { drawing = false; }); });
    document.getElementById("sign-again").addEventListener("click", wipe);
    wipe();
  }

  // ── installed on the phone ───────────────────────────────────────────────────────────────────────────
  if (side === "t") {
    const own = location.pathname.match(/^\/t\/[A-Za-z0-9_-]{20,}/);
    try {
      if (own) { localStorage.setItem("linli-task", own[0]); }
      const last = localStorage.getItem("linli-task");
      if (document.getElementById("home") && last) { location.replace(last + "/tasks"); }
    } catch (_private) { /* the links in the messages still work */ }
    if ("serviceWorker" in navigator && window.isSecureContext) { navigator.serviceWorker.register("/t/sw.js", { scope: "/t/" }); }
  }
})();
