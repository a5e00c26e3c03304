// The short calculation that a study asks of a browser before somebody begins. A worker does it while the
// person reads, so that nothing waits for it; where it cannot be done, the form goes as it is.
"use strict";

{
  const field = document.querySelector("input[data-worker]");
  const form = field.form;
  const waits = document.getElementById("work-waits");
  // Nobody waits longer than this for a browser that does not get on with it, in milliseconds.
  const LONGEST = 20000;
  let over = false;
  let held = null;

  const go = () => {
    over = true;
    if (held) form.requestSubmit(held);
  };

  try {
    const begun = performance.now();
    const worker = new Worker(field.dataset.worker);
    worker.onerror = go;
    worker.onmessage = (event) => {
      field.value = `${Math.round(performance.now() - begun)}:${event.data.join(".")}`;
      worker.terminate();
      go();
    };
    worker.postMessage({
      challenge: form.elements.challenge.value,
      parts: Number(field.dataset.parts),
      bits: Number(field.dataset.bits),
    });
  } catch {
    over = true;
  }

  form.addEventListener("submit", (event) => {
    if (over || event.submitter?.value !== "agree") return;
    event.preventDefault();
    if (held) return;
    held = event.submitter;
    waits.textContent = waits.dataset.words;
    setTimeout(go, LONGEST);
  });
}
