// Suggestions while typing: a combobox with a list box (WAI-ARIA Authoring Practices).
// A search box works without this file. With `data-key`, that key goes to it from anywhere on the
// page, and Escape leaves it.
"use strict";

const WRITABLE =
  "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

for (const box of document.querySelectorAll("[data-suggest]")) {
  const input = box.querySelector("input");
  const panel = box.querySelector(".suggestions");
  let request = null;
  let timer = null;
  let current = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", panel.id);

  const options = () => [...panel.querySelectorAll("[role=option]")];

  const close = () => {
    clearTimeout(timer);
    request?.abort();
    panel.hidden = true;
    current = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const select = (place) => {
    const all = options();
    current = (place + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", index === current));
    all[current].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[current].id);
  };

  const suggest = async () => {
    request?.abort();
    request = new AbortController();
    const address = `${box.dataset.suggest}?q=${encodeURIComponent(input.value)}`;
    try {
      const response = await fetch(address, { signal: request.signal });
      // Who was signed out meanwhile is sent to another page.
      if (!response.ok || response.redirected) {
        return close();
      }
      panel.innerHTML = await response.text();
    } catch {
      return;
    }
    current = -1;
    input.removeAttribute("aria-activedescendant");
    panel.hidden = !options().length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!panel.hidden));
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < 2) {
      return close();
    }
    timer = setTimeout(suggest, 150);
  });

  input.addEventListener("keydown", (event) => {
    if (panel.hidden) {
      if (event.key === "ArrowDown" && input.value.trim().length > 1) {
        event.preventDefault();
        suggest();
      } else if (event.key === "Escape" && box.dataset.key) {
        event.preventDefault();
        input.blur();
      }
      return;
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      select(current + 1);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      select(current < 0 ? -1 : current - 1);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      event.stopPropagation();
      location.assign(options()[current].dataset.href);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") {
      close();
    }
  });

  // The mouse must not take the focus before the choice is made.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  panel.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      location.assign(option.dataset.href);
    }
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);

  if (box.dataset.key) {
    document.addEventListener("keydown", (event) => {
      const asked = event.key === box.dataset.key && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (asked && !event.defaultPrevented && !event.target.closest(WRITABLE)) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  }
}
