// Passkeys: shows what needs a script, and says in words what did not work.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("[data-needs-script]").forEach((element) => {
    element.hidden = false;
  });
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const fault = document.querySelector("[data-passkey-fault]");
  if (fault) fault.hidden = false;
});

// Enter, in the name of a key, is the button: the form alone has no key to send.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-passkey-form]")) return;
  event.preventDefault();
  event.target.querySelector("#passkey").click();
});
