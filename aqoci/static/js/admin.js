/* Names for the fields that complete what one types: the script that draws them gives them none. */
"use strict";

window.addEventListener("load", () => {
  const $ = window.django && window.django.jQuery;
  if (!$) return;

  function name(select) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const drawn = select.nextElementSibling;
    if (!label || !drawn) return;
    label.id = label.id || `${select.id}-label`;
    for (const field of drawn.querySelectorAll(".select2-search__field, [role=textbox]")) {
      field.setAttribute("aria-labelledby", label.id);
    }
    const box = drawn.querySelector("[role=combobox]");
    if (box) {
      const chosen = select.multiple ? "" : ` select2-${select.id}-container`;
      box.setAttribute("aria-labelledby", label.id + chosen);
    }
  }

  // After the fields are drawn, which is done when the page is ready.
  $(() => document.querySelectorAll("select.admin-autocomplete").forEach(name));

  $(document).on("select2:select select2:unselect", (event) => name(event.target));
  $(document).on("select2:open", (event) => {
    const label = document.getElementById(`${event.target.id}-label`);
    const field = document.querySelector(".select2-container--open .select2-dropdown .select2-search__field");
    const box = event.target.nextElementSibling.querySelector("[role=combobox]");
    box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
    if (label && field) {
      field.setAttribute("aria-labelledby", label.id);
      field.focus();
    }
  });
});
