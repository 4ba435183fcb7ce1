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

  const composer = document.getElementById("composer");
  if (composer) compose(composer);

  function compose(form) {
    const text = form.querySelector("#text");
    const link = form.querySelector("#link");
    const blocks = $$("[data-block]", form).map((block) => ({
      slug: block.dataset.block, rule: JSON.parse(block.dataset.rule), separator: block.dataset.separator, linkInText: "linkInText" in block.dataset,
      variant: block.querySelector("textarea"),
      counter: form.querySelector(`[data-counter="${CSS.escape(block.dataset.block)}"]`),
      preview: form.querySelector(`[data-preview="${CSS.escape(block.dataset.block)}"]`),
      targets: $$("[name=target]", form).filter((target) => target.dataset.platform === block.dataset.block),
    }));
    const update = () => blocks.forEach(show);

    function show(block) {
      const words = block.variant.value.trim() ? block.variant.value : text.value;
      const parts = split(words, block.separator);
      const ends = block.linkInText && link.value && !parts[0].includes(link.value) ? `${parts[0] && "\n"}${link.value}` : "";
      const counts = parts.map((part, i) => count(i ? part : part + ends, block.rule));
      const most = Math.max(...counts);
      const used = block.targets.some((target) => target.checked);
      const limit = block.rule.limit;
      block.counter.querySelector(".counter-number").textContent = parts.length > 1
        ? `${counts.join(" + ")} of ${limit} each (${parts.length} parts)` : `${most} / ${limit}`;
      block.counter.toggleAttribute("data-over", most > limit);
      block.counter.toggleAttribute("data-near", most <= limit && most > limit * 0.9);
      block.counter.classList.toggle("off", !used);
      block.preview.classList.toggle("off", !used);
      const body = block.preview.querySelector(".preview-text");
      body.replaceChildren();
      if (!words.trim()) { const none = document.createElement("span"); none.className = "soft"; none.textContent = "Your text appears here."; body.append(none); }
      else parts.forEach((part, i) => { if (i) body.append(document.createElement("hr")); body.append(...marked(part, block.rule)); });
      const card = block.preview.querySelector(".preview-link");
      card.textContent = link.value; card.hidden = !link.value;
    }

    form.addEventListener("input", update);
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
  }

  function split(words, separator) {
    if (!separator) return [words];
    const parts = [[]];
    for (const line of words.split("\n")) if (line.trim() === separator) parts.push([]); else parts.at(-1).push(line);
    if (parts.length === 1) return [words];
    return parts.map((lines) => lines.join("\n").trim());
  }

  // The links of a text: with a scheme, or a bare host under a domain ending everybody knows. The server decides.
  function links(words) { return words.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]']|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|co|ai|eu|de|uk|fr|es|it|nl|us|info|example)(?![\w.-]*\w)(?:\/[^\s<>"]*[^\s<>".,;:!?)\]'])?/giu); }

  function count(words, rule) {
    let links_length = 0;
    if (rule.url_length !== null) for (const [found] of links(words)) { links_length += rule.url_length; words = words.replace(found, ""); }
    return links_length + measure(words, rule);
  }
  function measure(words, rule) {
    switch (rule.unit) {
      case "utf16": return words.length;
      case "bytes": return new TextEncoder().encode(words).length;
      case "graphemes": return [...graphemes(words)].length;
      case "weighted": return weigh(words.normalize("NFC"), rule);
      default: return [...words].length;
    }
  }
  function weigh(words, rule) {
    let weight = 0;
    for (const { segment } of graphemes(words)) {
      if (rule.emoji_as_one && /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}{2}|\uFE0F\u20E3/u.test(segment)) { weight += rule.default_weight; continue; }
      for (const char of segment) {
        const point = char.codePointAt(0);
        weight += rule.ranges.find(({ from, to }) => from <= point && point <= to)?.weight ?? rule.default_weight;
      }
    }
    return Math.floor(weight / Math.max(rule.scale, 1));
  }
  function graphemes(words) { return Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(words) : [...words].map((segment) => ({ segment })); }

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
