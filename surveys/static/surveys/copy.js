// Adds a button that copies an address. Without JavaScript the address can still be selected.
"use strict";

for (const field of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = field.dataset.copy;
  button.setAttribute("aria-label", `${field.dataset.copy}: ${field.getAttribute("aria-label")}`);
  button.addEventListener("click", async () => {
    field.select();
    // Without TLS a browser has no clipboard to write to, but copies what is selected.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    button.textContent = field.dataset.copied;
  });
  field.after(button);
}
