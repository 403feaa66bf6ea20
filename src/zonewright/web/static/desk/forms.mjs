// Forms of records: sent once, faults in focus, files with progress.
import "./choices.mjs";

// The list of faults, or the warning of a conflict, is what a reader must meet first.
document.getElementById("faults")?.focus();

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
// A page that the browser kept is fresh again when the reader comes back to it.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// With a board to draw on, which has a place for coordinates of its own, the plain input goes.
for (const board of document.querySelectorAll("[data-draw-field]")) {
  const plain = board.parentElement.querySelector(".shape-plain");
  const settle = () => { plain.hidden = board.childElementCount > 0; };
  new MutationObserver(settle).observe(board, { childList: true });
  settle();
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    bar.hidden = false;
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
    });
    request.addEventListener("loadend", () => location.reload());
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "upload");
    request.send(new FormData(form));
  });
}
