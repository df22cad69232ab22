// Before the first paint: theme, language and which frame to show. And a word when nothing starts.
(function () {
  "use strict";
  var root = document.documentElement;
  var query = new URLSearchParams(location.search);
  function stored(key) {
    try { return localStorage.getItem("podarium." + key); } catch (_) { return null; }
  }
  var theme = query.get("theme") || stored("theme");
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = theme === "dark" || theme === "light" ? theme : dark ? "dark" : "light";
  var lang = query.get("lang") || stored("lang") || navigator.language || "en";
  root.lang = /^zh/i.test(lang) ? "zh" : "en";
  var opened = location.hash.length > 1 ? "scenario" : "gallery";
  root.dataset.screen = query.has("embed") ? "embed" : opened;

  // A dynamic import has to stand in a script; the page's wasm asks for the editor through it.
  window.podariumImport = function (url) { return import(url); };

  var started = false;
  addEventListener("podarium-started", function () { started = true; });
  // Before the start any fault stops the page; afterwards only one inside the wasm does.
  function failed(event) {
    var fault = event && (event.error || event.reason);
    var inside = window.WebAssembly && fault instanceof WebAssembly.RuntimeError;
    if (!started || inside) root.dataset.failed = "";
  }
  // Capture: a script or module that cannot be loaded does not bubble.
  addEventListener("error", failed, true);
  addEventListener("unhandledrejection", failed);
  if (typeof WebAssembly !== "object") failed();
})();
