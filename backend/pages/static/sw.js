// Keeps the shell for ever (its names carry hashes) and the last seen task pages for a dead network.
const SHELL = "linli-shell-1";
const SEEN = "linli-seen-1";

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

async function shell(request) {
  const kept = await caches.match(request);
  if (kept) { return kept; }
  const answer = await fetch(request);
  if (answer.ok) { (await caches.open(SHELL)).put(request, answer.clone()); }
  return answer;
}

async function page(request) {
  const seen = await caches.open(SEEN);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) { seen.put(request, answer.clone()); } else if (answer.status === 410 || answer.status === 404) { seen.delete(request); }
    return answer;
  } catch (_noNetwork) {
    return (await seen.match(request, { ignoreSearch: true })) || Response.error();
  }
}

self.addEventListener("fetch", function (event) {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) { return; }
  if (url.pathname.startsWith("/assets/")) { event.respondWith(shell(request)); } else if (request.mode === "navigate") { event.respondWith(page(request)); }
});
