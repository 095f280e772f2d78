// How many characters are left in a text, or how many are too many, as it is typed; told aloud
// once it is nearly full and the typing pauses. Without this file, the limit is said.
"use strict";

for (const box of document.querySelectorAll("[data-limit]")) {
  const told = document.getElementById(`${box.id}_limit`);
  if (told) {
    const limit = Number(box.dataset.limit);
    const aloud = document.createElement("span");
    aloud.className = "visually-hidden";
    aloud.setAttribute("role", "status");
    told.after(aloud);
    let timer = null;
    const count = () => {
      const left = limit - [...box.value.trim()].length;
      const over = left < 0 ? "over-" : "";
      const number = Math.abs(left);
      const words = told.getAttribute(`data-${over}${number === 1 ? "one" : "many"}`);
      const text = words.replace("%n", String(number));
      told.textContent = text;
      told.classList.toggle("field-over", left < 0);
      clearTimeout(timer);
      timer = setTimeout(() => {
        aloud.textContent = left < Math.max(20, limit / 10) && box === document.activeElement ? text : "";
      }, 1000);
    };
    box.addEventListener("input", count);
    count();
  }
}
