// What the study says it records of how a page is answered. It goes with the page's own form, and nothing
// of what is written or pasted is in it. Milliseconds count from the opening of the page.
"use strict";

{
  const report = document.querySelector("input[data-records]");
  const records = new Set(report.dataset.records.split(" "));
  const questions = new Map();
  const now = () => Math.round(performance.now());
  let left = 0;
  let away = 0;
  let since = null;

  const holds = (question) => question.querySelector(":checked:not(option)") !== null
    || [...question.querySelectorAll("input[type=text], input[type=date], textarea, select")].some((one) => one.value !== "");

  const touched = (target) => {
    const question = target.closest("fieldset.item[id]");
    if (!question) return null;
    if (!questions.has(question.id)) questions.set(question.id, { first: null, last: null, changes: 0, pasted: 0 });
    return questions.get(question.id);
  };

  // What was answered when the page came is changed by the first answer already.
  const answered = new Set([...document.querySelectorAll("fieldset.item[id]")].filter(holds).map((one) => one.id));

  report.form.addEventListener("change", (event) => {
    const one = touched(event.target);
    if (!one) return;
    const id = event.target.closest("fieldset.item[id]").id;
    if (answered.has(id)) one.changes += 1;
    answered.add(id);
  });
  for (const kind of ["input", "change"]) report.form.addEventListener(kind, (event) => {
    const one = touched(event.target);
    if (!one) return;
    one.first ??= now();
    one.last = now();
  });
  report.form.addEventListener("paste", (event) => {
    const one = touched(event.target);
    if (one) one.pasted += event.clipboardData?.getData("text").length ?? 0;
  });

  const look = () => {
    const gone = document.hidden || !document.hasFocus();
    if (gone && since === null) {
      left += 1;
      since = now();
    } else if (!gone && since !== null) {
      away += now() - since;
      since = null;
    }
  };
  // Only who was here can leave.
  window.addEventListener("blur", look);
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);

  const device = () => {
    if (!matchMedia("(pointer: coarse)").matches) return "computer";
    return Math.min(window.innerWidth, window.innerHeight) < 600 ? "phone" : "tablet";
  };

  report.form.addEventListener("submit", () => {
    const rows = [...questions].map(([id, one]) => [id.slice(1), [one.first, one.last, one.changes, one.pasted]]);
    report.value = JSON.stringify({
      device: records.has("device") ? device() : null,
      left: records.has("focus") ? left : null,
      away: records.has("focus") ? away + (since === null ? 0 : now() - since) : null,
      questions: Object.fromEntries(rows),
    });
  });
}
