// The page of a ledger: what is asked stays what the address says.
import "./choices.mjs";

const form = document.getElementById("asked");

// Going back shows an earlier answer: the form must say the same, so the page is read again.
addEventListener("popstate", () => location.reload());

// A filter that was opened stays open while its table is renewed; nothing else is to be kept.
form?.addEventListener("htmx:configRequest", (event) => {
  const kept = event.detail.parameters;
  for (const name of [...kept.keys()]) {
    if (kept.getAll(name).every((value) => value === "")) kept.delete(name);
  }
});
