// A run's page tells by ear how it goes; the page of imports says what was chosen before it is sent.
const QUARTER = 25;

function listen(said) {
  let last = "";
  const tell = () => {
    const progress = document.querySelector(".run-progress");
    if (!progress) return;
    // Each second would be a torrent: the state, and every quarter of the way.
    const step = Math.floor(Number(progress.dataset.percent) / QUARTER);
    const mark = `${progress.querySelector(".state")?.className} ${step}`;
    if (mark !== last) said.textContent = progress.dataset.say;
    last = mark;
  };
  document.body.addEventListener("htmx:afterSettle", tell);
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

function watch(form) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-upload-list]");
  const large = form.querySelector("[data-upload-large]");
  const button = form.querySelector("button");
  input.addEventListener("change", () => {
    const files = [...input.files];
    const total = files.reduce((sum, file) => sum + file.size, 0);
    list.replaceChildren(...files.map((file) => {
      const item = document.createElement("li");
      const bytes = document.createElement("span");
      bytes.className = "muted";
      bytes.textContent = size(file.size);
      item.append(file.name, bytes);
      return item;
    }));
    large.hidden = total <= Number(form.dataset.most);
    button.disabled = !large.hidden;
  });
  // A second press would upload everything again.
  form.addEventListener("submit", () => { button.disabled = true; });
  addEventListener("pageshow", () => { button.disabled = !large.hidden; });
}

const said = document.getElementById("run-said");
if (said) listen(said);
const form = document.querySelector("[data-upload]");
if (form) watch(form);
