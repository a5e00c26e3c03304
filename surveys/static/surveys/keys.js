// `g` and a number go to a tab of the study, `/` to the search, `?` shows the list of keys. Single letters do nothing in fields,
// and somebody who switched them off is not sent this file.
"use strict";

let goes = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (goes && /^\d$/.test(event.key)) document.querySelector(`.tabs a[data-tab="${event.key}"]`)?.click();
  goes = event.key === "g";
  const find = document.getElementById("find");
  if (event.key === "/" && find) {
    event.preventDefault();
    find.focus();
    find.select();
  }
  if (event.key === "?") document.getElementById("keys")?.togglePopover();
});
