// A long list of boxes to tick, filtered by what is typed above it. Without this file it is whole.
"use strict";

{
  const fold = (text) =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .replace(/[’'-]/g, " ")
      .toLowerCase();

  for (const list of document.querySelectorAll("[data-choices]")) {
    const items = [...list.querySelectorAll("li")];
    const words = items.map((item) => fold(item.textContent));
    const id = `${list.id}_search`;
    const head = document.createElement("div");
    head.className = "tick-search";
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = list.dataset.label;
    const search = document.createElement("input");
    search.type = "search";
    search.id = id;
    search.autocomplete = "off";
    const onlyLabel = document.createElement("label");
    onlyLabel.className = "tick";
    const only = document.createElement("input");
    only.type = "checkbox";
    onlyLabel.append(only, ` ${list.dataset.only}`);
    const none = document.createElement("p");
    none.setAttribute("role", "status");
    head.append(label, search, onlyLabel, none);
    list.before(head);

    const filter = () => {
      const asked = fold(search.value.trim());
      let found = 0;
      items.forEach((item, place) => {
        const ticked = item.querySelector("input").checked;
        item.hidden = !(words[place].includes(asked) && (!only.checked || ticked));
        found += item.hidden ? 0 : 1;
      });
      none.textContent = found ? "" : list.dataset.none;
    };
    // These two are no part of the form: they are neither kept nor sent.
    for (const one of [search, only]) {
      one.addEventListener("input", (event) => {
        event.stopPropagation();
        filter();
      });
      one.addEventListener("change", (event) => event.stopPropagation());
    }
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
      }
    });
  }
}
