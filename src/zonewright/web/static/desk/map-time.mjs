// The day of the map: a slider of months, a date, and a way to let the months pass.
const STEP_MS = 1100;
const DATED = ["zones", "parcels", "blocks"];

function iso(day) {
  const pad = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

export class Time {
  constructor(work, { onDay }) {
    this.work = work;
    this.first = work.dataset.first;
    this.last = work.dataset.last;
    this.slider = document.getElementById("map-month");
    this.field = document.getElementById("map-day");
    this.player = document.getElementById("map-play");
    this.words = document.getElementById("map-words").dataset;
    this.onDay = onDay;
    this.on = "";
    this.base = {};
    this.timer = 0;
    this.slider.addEventListener("input", () => this.set(this.dayOf(Number(this.slider.value))));
    this.field.addEventListener("change", () => {
      if (this.field.validity.valid && this.field.value) this.set(this.field.value);
    });
    document.getElementById("map-today").addEventListener("click", () => this.set(this.last));
    this.player.addEventListener("click", () => this.play());
    this.tell();
  }

  // The last day of a month, or the last day of all.
  dayOf(step) {
    const [year, month] = this.first.split("-").map(Number);
    const end = iso(new Date(year, month + step, 0));
    return end < this.last ? end : this.last;
  }
  stepOf(day) {
    const [year, month] = this.first.split("-").map(Number);
    const [y, m] = day.split("-").map(Number);
    return (y - year) * 12 + m - month;
  }

  set(day, { quiet = false } = {}) {
    const on = day >= this.last ? "" : day < this.first ? this.first : day;
    this.slider.value = String(this.stepOf(on || this.last));
    this.field.value = on || this.last;
    this.tell();
    if (on === this.on) return;
    this.on = on;
    if (on) this.work.dataset.on = on;
    else delete this.work.dataset.on;
    this.apply();
    if (!quiet) this.onDay();
  }

  tell() {
    this.slider.setAttribute("aria-valuetext", this.words.day.replace("{day}", this.field.value));
  }

  query() {
    return this.on ? `&on=${this.on}` : "";
  }

  // After a style was loaded: its tiles are those of the day that it was asked for.
  attach(map) {
    this.map = map;
    const { sources } = map.getStyle();
    for (const name of DATED) {
      if (sources[name]) this.base[name] = sources[name].tiles[0].split("?")[0];
    }
  }

  apply() {
    if (!this.map) return;
    for (const [name, address] of Object.entries(this.base)) {
      this.map.getSource(name)?.setTiles([this.on ? `${address}?on=${this.on}` : address]);
    }
    this.relabel();
  }

  async relabel() {
    const { on } = this;
    const response = await fetch(`${this.work.dataset.style}${this.query()}`);
    if (!response.ok || on !== this.on) return;
    const style = await response.json();
    this.map.getSource("labels")?.setData(style.sources.labels.data);
  }

  play() {
    if (this.timer) return this.stop();
    const end = Number(this.slider.max);
    let step = Number(this.slider.value) >= end ? 0 : Number(this.slider.value);
    this.player.setAttribute("aria-pressed", "true");
    const advance = () => {
      this.set(this.dayOf(step));
      step += 1;
      if (step > end) this.stop();
    };
    advance();
    this.timer = setInterval(advance, STEP_MS);
    return undefined;
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.player.setAttribute("aria-pressed", "false");
  }
}
