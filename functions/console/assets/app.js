// Makes the pages nicer where scripts run; everything works without. No dependency, no build, no inline code.
(() => {
  "use strict";
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

  // Times are told in a named zone; whoever sits elsewhere gets their own beside it.
  const told = (date) => new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date);
  for (const time of $$("time[data-zone]")) {
    const date = new Date(time.dateTime);
    if (!here || Number.isNaN(date.getTime()) || time.dataset.zone === here) continue;
    time.title = `${told(date)}, your time (${here})`;
  }

  for (const button of $$("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const label = button.textContent;
      try { await navigator.clipboard.writeText(source.textContent.trim()); button.textContent = "Copied"; } catch { button.textContent = "Select and copy by hand"; }
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // One open question at a time; Escape closes it and gives the focus back.
  const pops = $$("details.confirm, details.menu");
  for (const pop of pops) pop.addEventListener("toggle", () => { if (pop.open) for (const other of pops) if (other !== pop) other.open = false; });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && pops.find((pop) => pop.open);
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  // A second click must not look as if it did a second thing (the server ignores it anyway).
  for (const form of $$("form[method=post]")) form.addEventListener("submit", () => setTimeout(() => { for (const button of $$("button", form)) button.disabled = true; }));
  addEventListener("pageshow", (event) => { if (event.persisted) for (const button of $$("form button")) button.disabled = false; });

  // A post that is on its way is looked at again, and shown anew when something has become of it. Nobody is interrupted.
  const moving = document.querySelector("[data-moving]");
  let looks = 0;
  const watch = moving && setInterval(async () => {
    if (++looks > 300) { clearInterval(watch); return; }
    if (document.hidden || document.querySelector("main details[open]") || document.activeElement?.closest("main form")) return;
    try {
      const answer = await fetch(location.pathname, { redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = answer.ok && page.querySelector(".columns.post");
      if (!now || now.textContent === moving.textContent) return;
      clearInterval(watch);
      history.replaceState(null, "", location.pathname + location.hash);
      location.reload();
    } catch { /* No answer: the next look may get one. */ }
  }, 4000);

  const composer = document.getElementById("composer");
  if (composer) compose(composer);

  function compose(form) {
    const text = form.querySelector("#text");
    const link = form.querySelector("#link");
    const blocks = $$("[data-block]", form).map(({ dataset: { block: slug } }) => ({
      slug,
      counter: form.querySelector(`[data-counter="${CSS.escape(slug)}"]`),
      preview: form.querySelector(`[data-preview="${CSS.escape(slug)}"]`),
      targets: $$("[name=target]", form).filter((target) => target.dataset.platform === slug),
    }));

    // How a text is counted and split is the platforms' rule, and the server has it: it is asked when the typing pauses.
    // What is older than the text never stands as its count.
    let pause, asked;
    function recount() {
      clearTimeout(pause);
      asked?.abort();
      for (const { counter } of blocks) counter.setAttribute("aria-busy", "true");
      pause = setTimeout(ask, 200);
    }
    async function ask() {
      const mine = asked = new AbortController();
      const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
      let counts = [];
      try {
        const answer = await fetch(form.dataset.count, { method: "POST", body: new URLSearchParams(fields), redirect: "error", signal: mine.signal });
        if (answer.ok) counts = await answer.json();
      } catch { /* No answer: told below. */ }
      if (!mine.signal.aborted) for (const block of blocks) show(block, counts.find(({ slug }) => slug === block.slug));
    }

    function show({ counter, preview }, count) {
      counter.removeAttribute("aria-busy");
      counter.querySelector(".counter-number").textContent = count?.words ?? "counted when you send it";
      counter.toggleAttribute("data-over", count?.over ?? false);
      counter.toggleAttribute("data-near", count?.near ?? false);
      if (!count) return;
      const body = preview.querySelector(".preview-text");
      body.replaceChildren();
      if (!count.parts.some((part) => part.trim())) { const none = document.createElement("span"); none.className = "soft"; none.textContent = "Your text appears here."; body.append(none); }
      else count.parts.forEach((part, i) => { if (i) body.append(document.createElement("hr")); body.append(...marked(part)); });
    }

    // What needs no rule is shown at once.
    function update() {
      for (const { counter, preview, targets } of blocks) {
        const used = targets.some((target) => target.checked);
        counter.classList.toggle("off", !used);
        preview.classList.toggle("off", !used);
        const card = preview.querySelector(".preview-link");
        card.textContent = link.value; card.hidden = !link.value;
      }
    }

    const counted = [text, link, ...$$("[data-block] textarea", form)];
    form.addEventListener("input", (event) => { update(); if (counted.includes(event.target)) recount(); });
    form.addEventListener("change", (event) => { update(); yourTime(); if (event.target.closest("[data-media]")) pictures(); });

    // Pictures are shown from the address or the chosen file; nothing is uploaded before the form is sent.
    let round = 0;
    async function pictures() {
      const mine = ++round;
      const rows = await Promise.all($$("[data-media]", form).map(async (row) => {
        const file = row.querySelector("[type=file]")?.files[0];
        const address = row.querySelector("[type=url]")?.value;
        const alt = row.querySelector("[name$=_alt]").value;
        if (row.querySelector("[name$=_remove]")?.checked) return null;
        if (file?.type.startsWith("image/")) return { src: await read(file), alt };
        if (address && /^https?:\/\//i.test(address)) return { src: address, alt };
        const have = row.querySelector(".media-have img");
        return have && { src: have.src, alt };
      }));
      if (mine !== round) return;
      for (const { preview } of blocks) {
        const box = preview.querySelector(".preview-media");
        box.replaceChildren(...rows.filter(Boolean).map(({ src, alt }) => {
          const image = new Image();
          image.addEventListener("error", () => { image.remove(); box.hidden = !box.children.length; });
          return Object.assign(image, { src, alt });
        }));
        box.hidden = !box.children.length;
      }
    }
    const read = (file) => new Promise((resolve) => { const reader = new FileReader(); reader.onload = () => resolve(reader.result); reader.onerror = () => resolve(""); reader.readAsDataURL(file); });

    // Adds an empty media row here instead of asking the server for one.
    const add = form.querySelector("#add-media");
    add?.addEventListener("click", (event) => {
      const rows = $$("[data-media]", form);
      const from = rows.findLast((row) => row.querySelector("[type=file]"));
      if (!from) return;
      event.preventDefault();
      const row = from.cloneNode(true);
      row.querySelector(".field-error")?.remove();
      const old = from.id, now = `media_${rows.length}`;
      for (const element of [row, ...$$("*", row)]) for (const name of ["id", "name", "for", "aria-describedby"]) if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(old, now));
      for (const input of $$("input", row)) input.value = "";
      rows.at(-1).after(row);
      row.querySelector("input").focus();
      if (rows.length + 1 >= Number(form.querySelector("[data-max-media]").dataset.maxMedia)) add.parentElement.remove();
    });

    // What the chosen wall time is where the writer sits.
    function yourTime() {
      const at = { date: form.querySelector("#date").value, time: form.querySelector("#time").value, zone: form.querySelector("#zone").value };
      const out = form.querySelector("#your-time");
      out.textContent = "";
      if (!at.date || !at.time || at.zone === here) return;
      const wall = Date.parse(`${at.date}T${at.time}:00Z`);
      if (Number.isNaN(wall)) return;
      let instant = wall;
      for (let i = 0; i < 2; i += 1) instant = wall - offset(instant, at.zone);
      out.textContent = `That is ${told(new Date(instant))} your time (${here}).`;
    }
    function offset(instant, timeZone) {
      const p = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
      return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - instant;
    }

    update(); pictures(); yourTime();
    // A browser that comes back to the page brings what was typed, which the page's counts are not of.
    if (counted.some((field) => field.value !== field.defaultValue)) recount();
  }

  // The text with links, hashtags and mentions set off, as nodes (never as markup).
  function marked(words) {
    const nodes = [];
    let from = 0;
    for (const { 0: found, index } of words.matchAll(/https?:\/\/\S+|(?<![\w&])[#@][\p{L}\p{N}_]+/giu)) {
      nodes.push(words.slice(from, index), Object.assign(document.createElement("b"), { textContent: found }));
      from = index + found.length;
    }
    nodes.push(words.slice(from));
    return nodes;
  }
})();
