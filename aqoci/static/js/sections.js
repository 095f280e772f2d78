/* Folded sections: an address within one opens it, and each stays as one left it. */
"use strict";

(() => {
  // The same for all records of a kind: /admin/members/organization/12/change/ → organization.
  const kept = `sections:${location.pathname.split("/").slice(0, -3).join("/")}`;
  const own = () => [...document.querySelectorAll(".section[id]")];

  function restore() {
    const known = JSON.parse(sessionStorage.getItem(kept) || "{}");
    for (const section of own()) {
      if (section.id in known) section.open = known[section.id];
      section.addEventListener("toggle", () => {
        known[section.id] = section.open;
        sessionStorage.setItem(kept, JSON.stringify(known));
      });
    }
  }

  function reveal() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let around = target; around; around = around.parentElement) {
      if (around.tagName === "DETAILS") around.open = true;
    }
    const drawn = target.nextElementSibling;
    const field = drawn && drawn.classList.contains("select2") ? drawn.querySelector("input, [tabindex]") : target;
    target.scrollIntoView({ block: "center" });
    field.focus();
  }

  document.addEventListener("DOMContentLoaded", restore);
  window.addEventListener("hashchange", reveal);
  window.addEventListener("load", reveal);
})();
