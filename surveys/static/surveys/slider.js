// A line to set a mark on, above each field that takes a mark. Without a touch the field stays empty.
for (const field of document.querySelectorAll("input[data-least]")) {
  const line = document.createElement("input");
  line.type = "range";
  line.min = field.dataset.least;
  line.max = field.dataset.most;
  line.step = field.dataset.step;
  line.className = "line";
  line.setAttribute("aria-labelledby", field.getAttribute("aria-labelledby"));
  const touched = (value) => line.classList.toggle("unset", value === "");
  if (field.value !== "") line.value = field.value.replace(",", ".");
  touched(field.value);
  const set = () => { field.value = line.value; touched(line.value); };
  line.addEventListener("input", set);
  // A click in the middle, or a key that cannot move it, changes nothing and is still a touch.
  line.addEventListener("click", set);
  field.addEventListener("input", () => {
    if (field.value !== "") line.value = field.value.replace(",", ".");
    touched(field.value);
  });
  field.parentElement.before(line);
}
