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

  // What is on its way is looked at again, and shown anew when something has become of it. Nobody is interrupted.
  const moving = document.querySelector("[data-moving=on]");
  const movingText = (page) => $$("[data-moving]", page).map((part) => part.textContent).join();
  const address = new URL(location.href);
  address.searchParams.delete("said");
  let looks = 0;
  const watch = moving && setInterval(async () => {
    if (++looks > 300) { clearInterval(watch); return; }
    if (document.hidden || document.querySelector("main details[open]") || document.activeElement?.closest("main form")) return;
    try {
      const answer = await fetch(address.pathname + address.search, { redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = answer.ok && movingText(page);
      if (!now || now === movingText(document)) return;
      clearInterval(watch);
      history.replaceState(null, "", address.pathname + address.search + location.hash);
      location.reload();
    } catch { /* No answer: the next look may get one. */ }
  }, 4000);

  // A file that is larger than Herald takes is refused here, before it is sent in vain.
  for (const input of $$("input[data-max-bytes]")) input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    input.reportValidity();
  });

  const mover = document.getElementById("mover");
  if (mover) calendar(mover);

  // A post is moved by dragging it to another day or hour, or by its date and time. Both send the same form, with the
  // revision the page shows; whether the time is possible is for the server to say.
  function calendar(dialog) {
    const form = dialog.querySelector("form");
    const fill = ({ post, rev, note }, date, time) => {
      Object.entries({ post, rev, date, time }).forEach(([name, value]) => { form.elements[name].value = value; });
      dialog.querySelector("#mover-note").textContent = note ?? "";
    };
    const ask = (item, date, time) => {
      fill(item.dataset, date, time);
      dialog.querySelector("#mover-what").textContent = item.querySelector("[data-move] .hidden").textContent.trim();
      dialog.showModal();
      form.elements.date.focus();
    };
    for (const link of $$("[data-move]")) link.addEventListener("click", (event) => {
      event.preventDefault();
      const item = link.closest("[data-post]");
      ask(item, item.dataset.date, item.dataset.time);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

    let dragged = null;
    for (const item of $$(".chip-box[data-post]")) {
      item.addEventListener("dragstart", (event) => { dragged = item; item.classList.add("dragged"); event.dataTransfer.effectAllowed = "move"; });
      item.addEventListener("dragend", () => { dragged = null; item.classList.remove("dragged"); });
    }
    for (const cell of $$("[data-day]")) {
      for (const kind of ["dragenter", "dragover"]) cell.addEventListener(kind, (event) => { if (dragged) { event.preventDefault(); event.dataTransfer.dropEffect = "move"; cell.classList.add("over"); } });
      cell.addEventListener("dragleave", (event) => { if (!cell.contains(event.relatedTarget)) cell.classList.remove("over"); });
      cell.addEventListener("drop", (event) => {
        cell.classList.remove("over");
        if (!dragged) return;
        event.preventDefault();
        const { dataset: from } = dragged;
        const time = cell.dataset.hour ? cell.dataset.hour + from.time.slice(2) : from.time;
        if (cell.dataset.day === from.date && time === from.time) return;
        // What the move does beside giving it another time is asked first.
        if (from.note) { ask(dragged, cell.dataset.day, time); return; }
        fill(from, cell.dataset.day, time);
        form.requestSubmit();
      });
    }
  }

  const uploader = document.getElementById("uploader");
  if (uploader) uploads(uploader);

  // Pictures go straight to the bucket, and each shows how far it is. What came is looked at by the server.
  function uploads(form) {
    const input = form.elements.file;
    const list = form.querySelector("#uploads");
    input.multiple = true;
    const ask = async (to, fields) => {
      const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const body = new URLSearchParams({ csrf: form.elements.csrf.value, idempotency_key: key, ...fields });
      const answer = await fetch(to, { method: "POST", body, redirect: "error" }).catch(() => null);
      if (!answer?.ok) throw new Error("Herald did not answer as it should: open the page anew and try again.");
      const said = await answer.json();
      if (said.refused) throw new Error(said.refused);
      return said;
    };
    const put = (address, file, progress) => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const lost = () => reject(new Error("The connection broke before all of it had arrived: try again."));
      request.upload.addEventListener("progress", ({ loaded, total }) => { progress.max = total; progress.value = loaded; });
      request.addEventListener("load", () => { if (request.status < 300) resolve(); else reject(new Error("The bucket did not take it: try again.")); });
      request.addEventListener("error", lost);
      request.addEventListener("abort", lost);
      request.open("PUT", address);
      request.setRequestHeader("content-type", typeOf(file));
      request.send(file);
    });
    // Few browsers know the types of captions, and Herald goes by the bytes.
    function typeOf(file) {
      const named = { srt: "application/x-subrip", vtt: "text/vtt", pdf: "application/pdf" };
      return named[file.name.split(".").pop().toLowerCase()] || file.type;
    }
    async function one(file) {
      const row = document.createElement("li");
      const name = Object.assign(document.createElement("span"), { className: "clip", textContent: file.name });
      const progress = Object.assign(document.createElement("progress"), { max: file.size || 1, value: 0 });
      const state = Object.assign(document.createElement("span"), { className: "soft", textContent: "Uploading" });
      progress.setAttribute("aria-label", `Upload of ${file.name}`);
      row.append(name, progress, state);
      list.append(row);
      try {
        const { id, upload_url } = await ask(form.dataset.begin, { media_type: typeOf(file) });
        await put(upload_url, file, progress);
        state.textContent = (await ask(`/console/media/${id}/arrived`, {})).text;
        return true;
      } catch (error) {
        progress.remove();
        state.className = "wrong";
        state.textContent = error.message;
        return false;
      }
    }
    form.addEventListener("submit", async (event) => {
      const files = [...input.files];
      if (!files.length) return;
      event.preventDefault();
      const done = await Promise.all(files.map(one));
      for (const button of $$("button", form)) button.disabled = false;
      // What went wrong stays on the page to be read.
      if (done.every(Boolean)) location.assign("/console/media?said=uploaded"); else form.reset();
    });
  }

  const composer = document.getElementById("composer");
  if (composer) compose(composer);

  function compose(form) {
    const text = form.querySelector("#text");
    const link = form.querySelector("#link");
    const blocks = $$("[data-block]", form).map(({ dataset: { block: slug } }) => ({
      slug,
      counters: $$(`[data-counter="${CSS.escape(slug)}"]`, form),
      problems: form.querySelector(`[data-problems="${CSS.escape(slug)}"]`),
      hints: form.querySelector(`[data-hints="${CSS.escape(slug)}"]`),
      tab: form.querySelector(`[data-tab="${CSS.escape(slug)}"]`),
      own: form.querySelector(`[data-block="${CSS.escape(slug)}"] textarea`),
      preview: form.querySelector(`[data-preview="${CSS.escape(slug)}"]`),
      targets: $$("[name=target]", form).filter((target) => target.dataset.platform === slug),
    }));

    // How a text is counted and split is the platforms' rule, and the server has it: it is asked when the typing pauses.
    // What is older than the text never stands as its count.
    let pause, asked;
    function recount() {
      clearTimeout(pause);
      asked?.abort();
      for (const counter of blocks.flatMap(({ counters }) => counters)) counter.setAttribute("aria-busy", "true");
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

    const items = (texts = []) => texts.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
    function show({ counters, problems, hints, preview }, count) {
      for (const counter of counters) {
        counter.removeAttribute("aria-busy");
        counter.querySelector(".counter-number").textContent = count?.words ?? "counted when you send it";
        counter.toggleAttribute("data-over", count?.over ?? false);
        counter.toggleAttribute("data-near", count?.near ?? false);
      }
      problems.replaceChildren(...items(count?.problems));
      hints.replaceChildren(...items(count?.hints));
      update();
      if (!count) return;
      const body = preview.querySelector(".preview-text");
      body.replaceChildren();
      if (!count.parts.some((part) => part.trim())) { const none = document.createElement("span"); none.className = "soft"; none.textContent = "Your text appears here."; body.append(none); }
      else count.parts.forEach((part, i) => { if (i) body.append(document.createElement("hr")); body.append(...marked(part)); });
    }

    // One text for all, and a tab for each chosen platform that may have its own.
    const list = form.querySelector("[role=tablist]");
    const tabs = $$("[role=tab]", list);
    const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
    function select(tab) {
      for (const one of tabs) {
        one.setAttribute("aria-selected", String(one === tab));
        one.tabIndex = one === tab ? 0 : -1;
        panel(one).hidden = one !== tab;
      }
    }
    function reveal() {
      const wanted = location.hash && document.getElementById(location.hash.slice(1));
      const tab = wanted && tabs.find((one) => panel(one).contains(wanted));
      if (tab) { select(tab); wanted.focus(); }
    }
    list.hidden = false;
    form.querySelector("#texts").classList.add("tabbed");
    for (const tab of tabs) {
      panel(tab).setAttribute("role", "tabpanel");
      panel(tab).setAttribute("aria-labelledby", tab.id);
      if (panel(tab).matches("details")) panel(tab).open = true;
      tab.addEventListener("click", () => select(tab));
    }
    list.addEventListener("keydown", ({ key }) => {
      const shown = tabs.filter((tab) => !tab.hidden);
      const at = shown.indexOf(document.activeElement);
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[key];
      if (to === undefined || at < 0) return;
      const tab = shown.at(to % shown.length);
      select(tab);
      tab.focus();
    });
    addEventListener("hashchange", reveal);
    select(tabs.find((tab) => panel(tab).querySelector(".field-error, [aria-invalid]")) ?? tabs[0]);

    // What needs no rule is shown at once.
    function update() {
      for (const { counters, problems, hints, tab, own, preview, targets } of blocks) {
        const used = targets.some((target) => target.checked);
        for (const counter of counters) counter.classList.toggle("off", !used);
        preview.classList.toggle("off", !used);
        tab.hidden = !used && !own.value;
        const wrong = problems.children.length;
        tab.querySelector(".tab-note").textContent = wrong ? `${wrong} to put right` : own.value.trim() ? "own text" : hints.children.length ? `${hints.children.length} to know` : "";
        tab.toggleAttribute("data-wrong", wrong > 0);
        const card = preview.querySelector(".preview-link");
        card.textContent = link.value; card.hidden = !link.value;
      }
      if (tabs.some((tab) => tab.hidden && tab.tabIndex === 0)) select(tabs[0]);
    }

    // When it goes out and where says nothing of what is counted, nor does a file that is chosen and not sent.
    const counts = (field) => !field.matches("[type=hidden], [type=file], [name=target], .when *:not([name=when])");
    form.addEventListener("input", ({ target }) => { update(); if (counts(target)) recount(); });
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
      for (const input of $$("input, select", row)) input.value = "";
      rows.at(-1).after(row);
      row.querySelector("input").focus();
      if (rows.length + 1 >= Number(form.querySelector("[data-max-media]").dataset.maxMedia)) add.parentElement.remove();
    });

    // What the chosen wall time is where the writer sits.
    function yourTime() {
      if (!form.querySelector("#date")) return;
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
    if ($$("input, textarea", form).filter(counts).some((field) => field.value !== field.defaultValue)) recount();
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
