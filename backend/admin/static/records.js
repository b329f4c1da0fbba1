// The record pages: the library reads its token from a cookie of its own; here it gets the session's from the page.
(function () {
  "use strict";
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";
  if (window.Cookies) {
    const plain = window.Cookies;
    window.Cookies = { get: (name) => (name === "starlette_admin_csrftoken" ? token() : plain.get(name)), set: plain.set, remove: plain.remove };
  }
  document.addEventListener("change", (event) => {
    if (event.target.dataset?.does === "go") window.location = event.target.value;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-does="columns"]') && window.applyColumnVisibility) window.applyColumnVisibility();
  });
})();
