// Presses the button that has the key which was typed. Without JavaScript buttons are pressed as ever.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.matches("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  document.querySelector(`button[data-key="${CSS.escape(key)}"]`)?.click();
});
