// A training's progress, as the server tells it; the page comes anew when it ends.
(function () {
  "use strict";
  const box = document.getElementById("training");
  if (!box || !window.EventSource) return;
  const stream = new EventSource(box.dataset.url);
  stream.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    box.querySelector("progress").value = now.share;
    box.querySelector("span").textContent = now.step;
    if (!now.running) { stream.close(); location.reload(); }
  });
  window.addEventListener("beforeunload", () => stream.close());
})();
