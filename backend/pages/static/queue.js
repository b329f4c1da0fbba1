// What could not be sent yet, kept in the browser (IndexedDB, else memory) until the office has it.
(function () {
  const linli = (window.linli = window.linli || {});
  const STORE = "waiting";

  function open(name) {
    return new Promise(function (resolve, reject) {
      const asked = window.indexedDB.open("linli-" + name, 1);
      asked.onupgradeneeded = function () { asked.result.createObjectStore(STORE, { keyPath: "key" }); };
      asked.onsuccess = function () { resolve(asked.result); };
      asked.onerror = function () { reject(asked.error); };
    });
  }

  function done(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
  }

  // add(item with .key), all() in order of .key, remove(key)
  linli.queue = function (name) {
    const memory = new Map();
    let base = null;
    const ready = new Promise(function (resolve) {
      try { open(name).then(function (found) { base = found; resolve(); }, resolve); } catch (_refused) { resolve(); }
    });
    const store = function (mode) { return base.transaction(STORE, mode).objectStore(STORE); };
    return {
      add: async function (item) {
        await ready;
        memory.set(item.key, item);
        if (base) { try { await done(store("readwrite").put(item)); } catch (_full) { /* memory still has it */ } }
      },
      all: async function () {
        await ready;
        if (base) {
          try { (await done(store("readonly").getAll())).forEach(function (one) {
            if (!memory.has(one.key)) { memory.set(one.key, one); }
          }); } catch (_gone) { /* memory still has it */ }
        }
        return Array.from(memory.values()).sort(function (a, b) { return a.key < b.key ? -1 : 1; });
      },
      remove: async function (key) {
        await ready;
        memory.delete(key);
        if (base) { try { await done(store("readwrite").delete(key)); } catch (_gone) { /* nothing to remove */ } }
      },
    };
  };

  // A key that sorts by time and never repeats.
  linli.newKey = function () {
    const random = new Uint8Array(8);
    crypto.getRandomValues(random);
    return Date.now().toString(36) + "-" + Array.from(random, function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  };

  // Posts with progress; resolves {status, body}; status 0 = no network.
  linli.post = function (url, data, onProgress) {
    return new Promise(function (resolve) {
      const call = new XMLHttpRequest();
      call.open("POST", url);
      call.timeout = 90000;
      call.setRequestHeader("Accept", "application/json");
      if (typeof data === "string") { call.setRequestHeader("Content-Type", "application/json"); }
      if (onProgress) { call.upload.onprogress = function (e) { if (e.lengthComputable) { onProgress(e.loaded / e.total); } }; }
      call.onloadend = function () {
        let body = {};
        try { body = JSON.parse(call.responseText); } catch (_notJson) { body = {}; }
        resolve({ status: call.status, body: body });
      };
      call.send(data);
    });
  };
})();
