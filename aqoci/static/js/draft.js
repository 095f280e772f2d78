// The form of a profile keeps what is typed: two seconds after the last key, when a field is left
// and when the page is. Every step works without this file: its buttons save too.
"use strict";

(() => {
  const form = document.querySelector("[data-draft]");
  const status = document.getElementById("draft-status");
  if (!form || !window.fetch) {
    return;
  }
  const PAUSE = 2000;
  const LONGEST_WAIT = 60000;
  let timer = null;
  let busy = false;
  let again = false;
  let failures = 0;
  let sending = false;

  // What would be sent, but the image, which only a button sends.
  const typed = () => {
    const data = new FormData(form);
    data.delete("logo_file");
    data.delete("csrfmiddlewaretoken");
    data.delete("shown");
    return new URLSearchParams(data).toString();
  };
  let kept = typed();
  const isKept = () => typed() === kept;

  const say = (text, failed = false) => {
    status.classList.toggle("draft-failed", failed);
    if (status.textContent !== text) {
      status.textContent = text;
    }
  };

  const soon = (wait = PAUSE) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  async function save({ leaving = false } = {}) {
    clearTimeout(timer);
    if (sending || isKept()) {
      return;
    }
    if (busy && !leaving) {
      again = true;
      return;
    }
    busy = true;
    const now = typed();
    const body = new FormData(form);
    body.delete("logo_file");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        keepalive: leaving,
        redirect: "manual",
        headers: { Accept: "application/json" },
      });
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        say(form.dataset.signedOut, true);
      } else if (!answer.ok) {
        throw new Error(answer.status);
      } else {
        const told = await answer.json();
        failures = 0;
        kept = now;
        form.elements.shown.value = JSON.stringify({
          ...JSON.parse(form.elements.shown.value || "{}"),
          ...told.shown,
        });
        say(told.said, told.conflicts);
        refresh();
      }
    } catch {
      failures += 1;
      say(form.dataset.failed, true);
      soon(Math.min(LONGEST_WAIT, PAUSE * 2 ** failures));
    } finally {
      busy = false;
      if (again) {
        again = false;
        soon(0);
      }
    }
  }

  form.addEventListener("input", () => soon());
  form.addEventListener("change", () => soon(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      save({ leaving: true });
    }
  });
  window.addEventListener("pagehide", () => save({ leaving: true }));
  window.addEventListener("online", () => soon(0));
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
  });
  // The page may come back as it was left, from the browser’s memory.
  window.addEventListener("pageshow", () => {
    sending = false;
  });
  // What could not be kept stops whoever leaves.
  window.addEventListener("beforeunload", (event) => {
    if (failures && !sending && !isKept()) {
      event.preventDefault();
    }
  });

  // The public page as it would be, below the form of a wide screen.
  const preview = document.querySelector("[data-preview]");
  const wide = window.matchMedia("(min-width: 60rem)");
  async function refresh() {
    if (!preview || !wide.matches) {
      return;
    }
    try {
      const answer = await fetch(preview.dataset.preview, { redirect: "manual" });
      if (answer.ok) {
        preview.querySelector("[data-preview-here]").innerHTML = await answer.text();
        preview.hidden = false;
      }
    } catch {
      // The button that shows it on a page of its own is still there.
    }
  }
  refresh();
})();
