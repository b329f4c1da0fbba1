// One line in another site: <script src="https://…/chat/embed.js" defer></script>
(function () {
  const self = document.currentScript;
  const origin = new URL(self.src).origin;
  const english = (document.documentElement.lang || "").toLowerCase().startsWith("en");
  const button = document.createElement("button");
  const frame = document.createElement("iframe");
  const put = function (element, rules) { Object.keys(rules).forEach(function (k) { element.style[k] = rules[k]; }); };
  button.type = "button";
  button.textContent = self.dataset.label || (english ? "Ask the neighbourhood office" : "有事找邻里");
  button.setAttribute("aria-expanded", "false");
  put(button, { position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483000", border: "0", borderRadius: "24px",
    padding: "12px 20px", background: "#0a6b5c", color: "#fff", font: "600 16px/1.4 system-ui, sans-serif",
    boxShadow: "0 2px 10px rgba(0,0,0,.3)", cursor: "pointer" });
  frame.title = button.textContent;
  frame.allow = "geolocation " + origin + "; camera " + origin;
  put(frame, { position: "fixed", right: "16px", bottom: "76px", width: "min(400px, calc(100vw - 32px))",
    height: "min(640px, calc(100vh - 100px))", border: "1px solid #cfd8d6", borderRadius: "12px", background: "#fff",
    boxShadow: "0 4px 24px rgba(0,0,0,.25)", zIndex: "2147483000", display: "none" });
  const show = function (open) {
    if (open && !frame.src) { frame.src = origin + "/chat?embed=1" + (self.dataset.grid ? "&grid=" + encodeURIComponent(self.dataset.grid) : ""); }
    frame.style.display = open ? "block" : "none";
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", function () { show(frame.style.display === "none"); });
  document.addEventListener("keydown", function (e) { if (e.key === "Escape") { show(false); } });
  document.body.append(frame, button);
})();
