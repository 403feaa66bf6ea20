// The next step of a return, asked in a dialog over its page; without scripts it is a page.
import "./forms.mjs";

const dialog = document.getElementById("step-dialog");

if (dialog) {
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog) return;
    if (!dialog.open) dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    // What lies beside the form is the dialog itself.
    if (event.target !== dialog && !event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
}
