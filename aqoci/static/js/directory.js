// The directory, made quicker: suggestions, results without a reload, a link to copy.
// Every page works without this file.
"use strict";

document.documentElement.classList.add("has-script");

// The language link keeps the address that htmx has pushed since the page was made.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-language]");
  if (link) {
    link.search = location.search;
  }
});

// An answer is stale once something else was chosen or typed: it would undo that on the page.
// Its successor waits or is on its way.
let wishes = 0;
for (const kind of ["change", "input"]) {
  document.getElementById("directory-form")?.addEventListener(kind, () => {
    wishes += 1;
  });
}
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.requestConfig.wishes = wishes;
});
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.wishes !== wishes) {
    event.detail.shouldSwap = false;
  }
  focused = document.activeElement.id;
});

// What a text passes through while it is typed, or the same list again, is no step for the back
// button.
let wasTyping = false;
document.addEventListener("htmx:beforeHistoryUpdate", (event) => {
  const { history, requestConfig } = event.detail;
  const typing = requestConfig.triggeringEvent?.type === "input";
  if ((typing && wasTyping) || history.path === location.pathname + location.search) {
    history.type = "replace";
  }
  wasTyping = typing;
});

// A link inside the results asks for results only; the address and the history follow.
document.addEventListener("click", (event) => {
  const link = event.target.closest(
    "#directory :is(.toolbar, .chips, .pagination, .no-results, .periods, .month-nav) a[href*='/']",
  );
  const form = document.getElementById("directory-form");
  if (!link || !form || !window.htmx || event.metaKey || event.ctrlKey || event.shiftKey) {
    return;
  }
  event.preventDefault();
  const asked = new URL(link.href).searchParams.get("q") || "";
  document.getElementById("q").value = asked;
  const moveFocus = () => {
    document.getElementById("results-title").focus({ preventScroll: true });
    if (link.closest(".pagination")) {
      form.scrollIntoView({ behavior: "instant" });
    }
  };
  wishes += 1;
  window.htmx.ajax("GET", link.href, { target: "#directory", source: "#directory" }).then(moveFocus);
});

// Small screens begin with the filters folded; what was unfolded stays so when results change.
const open = new Set();
const narrow = window.matchMedia("(max-width: 59.99rem)");
const foldFilters = () => {
  const fold = document.getElementById("facets-fold");
  if (fold) {
    fold.open = !narrow.matches || open.has(fold.id);
  }
};
foldFilters();
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("#directory details")) {
      open[event.target.open ? "add" : "delete"](event.target.id);
    }
  },
  true,
);
document.addEventListener("htmx:afterSwap", () => {
  foldFilters();
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) {
      details.open = true;
    }
  }
  // What was folded when htmx gave the focus back could not take it.
  if (focused && document.activeElement === document.body) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
  showCopyButtons();
});
document.addEventListener("htmx:sendError", announceFailure);
document.addEventListener("htmx:responseError", announceFailure);

// When results cannot be had this way, the page itself is asked for, and says why.
function announceFailure(event) {
  const path = event.detail.pathInfo?.finalRequestPath;
  if (path) {
    location.assign(path);
  }
}

// Copy the link to the list
function showCopyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
  }
}
showCopyButtons();
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    button.textContent = button.dataset.copied;
    document.getElementById("announcement").textContent = button.dataset.copied;
  }
});
