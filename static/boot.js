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

  // A scenario's question and answer stand before the page has started, too: on a phone they are
  // what one sees first, and the program takes its time to arrive.
  function foretell() {
    var hash = location.hash;
    var named = /^#g=([a-z0-9-]+@\d+)(&|$)/.exec(hash);
    // Of an edited text nobody knows the answer.
    if (started || !named || root.dataset.screen !== "scenario" || /&d=/.test(hash)) return;
    fetch("answers.txt").then(function (found) {
      return found.ok ? found.text() : "";
    }).then(function (text) {
      var at = ("\n" + text).indexOf("\n" + named[1] + "\t");
      if (at >= 0 && location.hash === hash) tell(text.slice(at).split("\n", 1)[0].split("\t"));
    }, function () { /* Without it the page starts all the same. */ });
  }
  function tell(line) {
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", function () { tell(line); });
      return;
    }
    var frame = document.querySelector(".frame");
    if (started || !frame) return;
    var first = root.lang === "zh" ? 3 : 1;
    frame.querySelectorAll(".question").forEach(function (one) { one.textContent = line[first]; });
    var answer = frame.querySelector(".answer");
    answer.textContent = "";
    // Words and fields in turn, as the page itself draws them.
    line[first + 1].split("`").forEach(function (piece, index) {
      var field = document.createElement("code");
      field.className = "wy-field";
      field.textContent = piece;
      answer.append(index % 2 ? field : piece);
    });
    frame.dataset.tab = "story";
  }

  // The start page stands before the page has started: what is done there must not get lost.
  var started = false;
  var scrolled = 0;
  var typed = null;
  addEventListener("hashchange", function () {
    root.dataset.screen = location.hash.length > 1 ? "scenario" : "gallery";
    foretell();
  });
  addEventListener("scroll", function (event) {
    if (!started) scrolled = event.target.scrollTop || 0;
  }, true);
  addEventListener("input", function (event) {
    if (!started) typed = event.target.value;
  }, true);
  // A file that is dropped, a text that is pasted: the page hears it when it listens.
  var given = null;
  function keep(event) {
    var field = event.target && /^(INPUT|TEXTAREA)$/.test(event.target.nodeName);
    if (started || (event.type === "paste" && field)) return;
    event.preventDefault();
    if (event.type === "dragover") return;
    var data = new DataTransfer();
    var from = event.dataTransfer || event.clipboardData;
    var file = from && from.files[0];
    var text = from && from.getData("text/plain");
    if (event.type === "drop" && file) data.items.add(file);
    else if (event.type === "paste" && text) data.setData("text/plain", text);
    else return;
    var how = { bubbles: true, cancelable: true };
    given = event.type === "drop"
      ? new DragEvent("drop", Object.assign({ dataTransfer: data }, how))
      : new ClipboardEvent("paste", Object.assign({ clipboardData: data }, how));
  }
  ["dragover", "drop", "paste"].forEach(function (type) { addEventListener(type, keep); });
  addEventListener("podarium-started", function () {
    started = true;
    // Before the next paint, when the page has been drawn.
    requestAnimationFrame(function () {
      var wall = document.querySelector(".wall");
      var search = document.getElementById("search");
      if (search && typed !== null) {
        search.value = typed;
        search.dispatchEvent(new Event("input", { bubbles: true }));
        search.focus();
      }
      if (wall) wall.scrollTop = scrolled;
      if (given) document.body.dispatchEvent(given);
    });
  });
  foretell();
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
