// The forms of plans: a field that means nothing with the present choice is not shown.
function fit(form) {
  for (const field of form.querySelectorAll("[data-only-with]")) {
    const [name, value] = field.dataset.onlyWith.split("=");
    // What is wrong is never hidden.
    field.hidden = form.elements[name].value !== value && !field.classList.contains("wrong");
  }
}

for (const form of document.querySelectorAll(".plan-form")) {
  fit(form);
  form.addEventListener("change", () => fit(form));
}
addEventListener("pageshow", () => document.querySelectorAll(".plan-form").forEach(fit));
