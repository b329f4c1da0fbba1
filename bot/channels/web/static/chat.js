// The chat page: shows what is said, keeps what cannot be sent yet, and brings letters as they come.
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  const linli = window.linli;
  const body = document.body;
  const texts = JSON.parse(body.dataset.texts);
  const talk = document.getElementById("talk");
  const typing = document.getElementById("typing");
  const form = document.getElementById("say");
  const box = document.getElementById("text");
  const photo = document.getElementById("photo");
  const place = document.getElementById("add-place");
  const offline = document.getElementById("offline");
  const status = document.getElementById("status");
  const queue = linli.queue("chat");
  const bubbles = new Map(); // key of a waiting message -> its line
  const MOST = 4000;
  const CALLS = /(^|\D)(110|119|120|122|12345)(?!\d)/g;
  let newest = Number(body.dataset.newest);
  let flushing = false;
  let failures = 0;
  let retryTimer = 0;
  let typingTimer = 0;

  // ── showing ──────────────────────────────────────────────────────────────────────────────────────────
  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) { element.className = name; }
    if (text) { element.textContent = text; }
    return element;
  }

  function withCalls(element, text) {
    let from = 0;
    text.replace(CALLS, function (found, before, number, at) {
      const start = at + before.length;
      const link = make("a", "", number);
      link.href = "tel:" + number;
      element.append(text.slice(from, start), link);
      from = start + number.length;
      return found;
    });
    element.append(text.slice(from));
  }

  function atEnd() { return talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120; }
  function toEnd() { talk.scrollTop = talk.scrollHeight; }

  function append(line, follow) {
    const stay = follow || atEnd();
    talk.insertBefore(line, typing);
    if (stay) { toEnd(); }
  }

  function stamp(at) {
    const time = make("time", "", new Intl.DateTimeFormat(document.documentElement.lang,
      { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: body.dataset.zone }).format(at));
    time.dateTime = at.toISOString();
    return time;
  }

  function showLetter(letter) {
    if (letter.id <= newest) { return; }
    newest = letter.id;
    hideTyping();
    const line = make("div", "theirs");
    const bubble = make("div", "bubble");
    withCalls(bubble, letter.text);
    line.append(bubble);
    if (letter.link && letter.link.url !== "#") {
      const row = make("div", "choices");
      const link = make("a", "button", letter.link.label);
      link.href = letter.link.url;
      if (window.top !== window) { link.target = "_blank"; link.rel = "noopener"; }
      row.append(link);
      line.append(row);
    }
    if (letter.choices.length) {
      const row = make("div", "choices");
      letter.choices.forEach(function (choice) {
        const button = make("button", "button", choice.label);
        button.type = "button";
        button.dataset.choice = choice.id;
        row.append(button);
      });
      line.append(row);
    }
    line.append(stamp(new Date(letter.at)));
    append(line, false);
    markSeen();
    if (document.hidden) { document.title = "● " + document.title.replace(/^● /, ""); }
  }

  function showMine(item) {
    const starters = document.getElementById("starters");
    if (starters) { starters.remove(); }
    const line = make("div", "mine");
    const bubble = make("div", "bubble");
    bubble.append(make("span", "hush", texts.you));
    if (item.photo) {
      const image = make("img");
      image.alt = texts.photo;
      image.src = URL.createObjectURL(item.photo);
      image.onload = function () { toEnd(); };
      bubble.append(image);
    } else {
      bubble.append(item.shown);
    }
    line.append(bubble, make("span", "state", texts.sending));
    bubbles.set(item.key, line);
    append(line, true);
  }

  function setState(key, text, failed) {
    const line = bubbles.get(key);
    if (!line) { return; }
    line.classList.toggle("failed", Boolean(failed));
    line.querySelector(".state").textContent = text;
  }

  function setProgress(key, share) {
    const line = bubbles.get(key);
    if (!line) { return; }
    const state = line.querySelector(".state");
    let bar = state.querySelector("progress");
    if (!bar) {
      state.textContent = "";
      bar = make("progress");
      bar.max = 1;
      bar.setAttribute("aria-label", texts.sending);
      state.append(bar);
    }
    bar.value = share;
  }

  function showTyping() {
    typing.hidden = false;
    status.textContent = texts.typing;
    if (atEnd()) { toEnd(); }
    clearTimeout(typingTimer);
    typingTimer = setTimeout(hideTyping, 20000);
  }

  function hideTyping() {
    clearTimeout(typingTimer);
    typing.hidden = true;
    status.textContent = "";
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────
  async function say(item) {
    item.key = linli.newKey();
    showMine(item);
    await queue.add(item);
    flush();
  }

  function wire(item) {
    if (item.photo) {
      const data = new FormData();
      data.append("id", item.key);
      data.append("photo", item.photo, "photo.jpg");
      return data;
    }
    const message = { id: item.key };
    message[item.kind] = item.value;
    return JSON.stringify(message);
  }

  async function flush() {
    if (flushing) { return; }
    flushing = true;
    clearTimeout(retryTimer);
    try {
      for (const item of await queue.all()) {
        if (!bubbles.has(item.key) && item.kind !== "scan") { showMine(item); }
        if (!(await deliver(item))) { break; }
      }
    } finally {
      flushing = false;
    }
    if (!failures && (await queue.all()).length) { flush(); }
  }

  // True when the item is off our hands, false when it must be tried again later.
  async function deliver(item) {
    const answer = await linli.post("/chat/messages", wire(item), item.photo ? function (share) { setProgress(item.key, share); } : null);
    if (answer.status >= 200 && answer.status < 300) {
      failures = 0;
      setOffline(false);
      await queue.remove(item.key);
      setState(item.key, texts.sent);
      if (answer.body.note) { notice(answer.body.note); }
      if (item.kind !== "scan") { showTyping(); }
      return true;
    }
    if (answer.status === 0 || answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      failures += 1;
      setState(item.key, texts.waiting);
      if (answer.status === 0) { setOffline(true); }
      retryTimer = setTimeout(flush, Math.min(30000, 1000 * Math.pow(2, failures)));
      return false;
    }
    await queue.remove(item.key);
    setState(item.key, answer.body.sentence || texts.failed, true);
    if (item.kind === "text" && !box.value) { box.value = item.value; grow(); }
    return true;
  }

  function notice(text) {
    const line = make("div", "theirs");
    const bubble = make("div", "note", text);
    line.append(bubble);
    append(line, true);
  }

  function setOffline(is) { offline.hidden = !is; }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) { box.focus(); return; }
    if (text.length > MOST * 4) { notice(texts.too_long); return; }
    box.value = "";
    grow();
    say({ kind: "text", value: text, shown: text });
    box.focus();
  });

  box.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  function grow() {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight + 2, 144) + "px";
  }
  box.addEventListener("input", grow);

  talk.addEventListener("click", function (event) {
    const button = event.target.closest(".choices button");
    if (!button || button.disabled) { return; }
    event.preventDefault();
    const row = button.closest(".choices");
    row.querySelectorAll("button").forEach(function (one) { one.disabled = true; });
    button.classList.add("picked");
    const id = button.dataset.choice || (button.name === "choice" ? button.value : "");
    if (id) { say({ kind: "choice", value: id, shown: button.textContent }); } else {
      say({ kind: "text", value: button.value, shown: button.value });
    }
  });

  document.getElementById("add-photo").addEventListener("click", function () { photo.click(); });
  photo.addEventListener("change", async function () {
    const chosen = Array.from(photo.files).slice(0, 9);
    photo.value = "";
    for (const file of chosen) { await say({ kind: "photo", photo: await linli.shrink(file) }); }
  });
  box.addEventListener("paste", async function (event) {
    const files = Array.from(event.clipboardData.files).filter(function (f) { return f.type.startsWith("image/"); });
    if (!files.length) { return; }
    event.preventDefault();
    for (const file of files.slice(0, 9)) { await say({ kind: "photo", photo: await linli.shrink(file) }); }
  });

  if ("geolocation" in navigator && window.isSecureContext) {
    place.hidden = false;
    place.addEventListener("click", function () {
      place.disabled = true;
      status.textContent = texts.finding;
      navigator.geolocation.getCurrentPosition(function (found) {
        place.disabled = false;
        status.textContent = "";
        say({ kind: "pin", value: { lat: found.coords.latitude, lon: found.coords.longitude }, shown: texts.place });
      }, function () {
        place.disabled = false;
        notice(texts.no_place);
      }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
    });
  }

  // ── letters ──────────────────────────────────────────────────────────────────────────────────────────
  let source = null;
  function listen() {
    if (source) { source.close(); }
    source = new EventSource("/chat/stream?after=" + newest);
    source.addEventListener("open", function () { setOffline(false); failures = 0; flush(); });
    source.addEventListener("letter", function (event) { showLetter(JSON.parse(event.data)); });
    source.onerror = function () {
      if (!navigator.onLine) { setOffline(true); }
      if (source.readyState === EventSource.CLOSED) { setTimeout(listen, 5000); }
    };
  }

  let seenTimer = 0;
  let seen = 0;
  function markSeen() {
    if (document.hidden || newest <= seen) { return; }
    clearTimeout(seenTimer);
    seenTimer = setTimeout(function () {
      seen = newest;
      linli.post("/chat/seen", JSON.stringify({ up_to: newest }));
    }, 800);
  }

  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { return; }
    document.title = document.title.replace(/^● /, "");
    markSeen();
  });
  window.addEventListener("online", function () { setOffline(false); failures = 0; flush(); listen(); });
  window.addEventListener("offline", function () { setOffline(true); });
  window.addEventListener("pagehide", function () { if (source) { source.close(); } });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { listen(); } });

  if (!navigator.onLine) { setOffline(true); }
  if (body.dataset.grid) {
    queue.add({ key: "scan-" + body.dataset.grid.replace(/[^A-Za-z0-9_.-]/g, "") + "-" + Date.now().toString(36), kind: "scan", value: body.dataset.grid }).then(flush);
  }
  toEnd();
  listen();
  markSeen();
  flush();
})();
