// Opens branches in place, shows progress, and takes over what has changed when a run or
// a plan ends. Every page works without it.
(() => {
  "use strict";
  const main = document.getElementById("main");
  const live = document.getElementById("live");
  const depth = (row) => Number(row.dataset.depth);

  const below = (row) => {
    const found = [];
    for (let next = row.nextElementSibling; next && depth(next) > depth(row); next = next.nextElementSibling) found.push(next);
    return found;
  };

  const load = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const part = document.createElement("template");
    part.innerHTML = await answer.text(); // rendered and escaped by the server
    return part.content;
  };

  const isOpen = (link) => link.getAttribute("aria-expanded") === "true";

  const toggle = async (link) => {
    const row = link.closest("tr");
    const open = !isOpen(link);
    if (open) row.after(await load(link.dataset.branch));
    else below(row).forEach((each) => each.remove());
    link.setAttribute("aria-expanded", String(open));
    link.classList.toggle("open", open);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-branch], a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const row = link.closest("tr");
    if (row.dataset.busy) return; // a double click opens once
    const loading = unfold(link, row).finally(() => unfolding.delete(loading));
    unfolding.add(loading);
  });

  // unfolding is what was clicked and is on its way. A newer page waits for it: a click on a
  // row that the page takes away would be lost.
  const unfolding = new Set();
  const unfold = async (link, row) => {
    row.dataset.busy = "yes";
    try {
      if (link.dataset.more) row.replaceWith(await load(link.dataset.more));
      else await toggle(link);
    } catch {
      location.assign(link.href);
    } finally {
      delete row.dataset.busy;
    }
  };

  // A form is sent once; the server would ignore a second time as well.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

  // What a person looks at stays where it is on the screen, whatever changes above it.
  const named = (mark) => [...main.querySelectorAll("tr.dept, section")].find((each) => name(each) === mark);
  const name = (each) => (each.dataset.same === undefined ? each.tagName + each.id + "." + each.className : "#" + each.dataset.same);
  const steady = (change) => {
    const seen = [...main.querySelectorAll("tr.dept, section")].find((each) => each.getBoundingClientRect().top >= 0);
    const before = seen && { name: name(seen), top: seen.getBoundingClientRect().top };
    change();
    const after = before && (seen.isConnected ? seen : named(before.name));
    if (after && scrollY > 0) scrollBy(0, after.getBoundingClientRect().top - before.top);
  };

  // What a person has typed, and where they are, is carried over to a new part.
  const carry = (old, part) => {
    const inHand = old.contains(document.activeElement) ? document.activeElement : null;
    const fields = [...old.querySelectorAll("input:not([type=hidden])")];
    old.replaceWith(part);
    for (const field of fields) {
      const now = [...part.querySelectorAll("input")].find((each) => each.name === field.name);
      if (now) [now.value, now.checked] = [field.value, field.checked];
    }
    if (!inHand) return;
    const like = (each) => each.tagName === inHand.tagName && !each.disabled &&
      ["id", "name", "value", "href"].every((key) => key === "value" && each.tagName === "INPUT" || each.getAttribute(key) === inHand.getAttribute(key));
    const next = [...part.querySelectorAll("a, button, input")].find(like) || main;
    next.focus({ preventScroll: true });
    if (next.type === "text") next.setSelectionRange(inHand.selectionStart, inHand.selectionEnd);
  };

  const same = (old, part) => {
    const plan = (each) => each.querySelector("table.tree")?.dataset.plan;
    return plan(old) ? plan(old) === plan(part) : old.outerHTML === part.outerHTML; // a tree has been opened since
  };

  const holds = (each) => each.matches("main, aside, .columns, .body");

  // merge makes one part of the page like that of a newer one, and leaves alone what is the same.
  const merge = (old, newer) => {
    let at = old.firstElementChild;
    for (const part of [...newer.children]) {
      let match = at;
      while (match && name(match) !== name(part)) match = match.nextElementSibling;
      if (!match) {
        old.insertBefore(part, at);
        continue;
      }
      while (at !== match) {
        const gone = at;
        at = at.nextElementSibling;
        gone.remove();
      }
      at = match.nextElementSibling;
      if (holds(match)) merge(match, part);
      else if (!same(match, part)) carry(match, part);
    }
    while (at) {
      const gone = at;
      at = at.nextElementSibling;
      gone.remove();
    }
  };

  // take shows a newer page in place of this one.
  const take = async (newer) => {
    while (unfolding.size > 0) await Promise.all(unfolding);
    document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
    const before = new Map([...main.querySelectorAll("a.fold")].map((link) => [link.closest("tr").dataset.same, isOpen(link)]));
    const fresh = newer.getElementById("main");
    const plan = main.dataset.plan;
    document.title = newer.title;
    Object.assign(document.body.dataset, { version: newer.body.dataset.version, busy: newer.body.dataset.busy });
    if (fresh.dataset.plan) main.dataset.plan = fresh.dataset.plan;
    const within = main.contains(document.activeElement);
    steady(() => merge(main, fresh));
    if (within && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
    say("current");
    if (main.dataset.plan === plan) return;
    for (let row = main.querySelector("tr.dept"); row; row = row.nextElementSibling) {
      const link = row.querySelector("a.fold");
      if (link && before.has(row.dataset.same) && before.get(row.dataset.same) !== isOpen(link)) await unfold(link, row);
    }
  };

  // say shows one of the texts that the page has ready, while nothing is under way.
  let idle = "";
  const show = (text) => steady(() => { live.innerHTML = text; });
  const say = (which) => { idle = document.getElementById(which).innerHTML; show(idle); };

  const fetchPage = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // over is told that the page is out of date. A plan takes the place of another one only
  // if someone waits for it: no one is to decide about what they have not seen.
  const over = async () => {
    try {
      const newer = await fetchPage();
      const waited = ["plan", "run"].includes(document.body.dataset.busy);
      const [mine, theirs] = [main.dataset.plan, newer.getElementById("main").dataset.plan];
      if (mine && mine !== theirs && !waited) {
        document.body.dataset.version = newer.body.dataset.version;
        say("newer");
      } else await take(newer);
      listen();
    } catch {
      say("newer");
    }
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("#live a");
    if (!link || document.body.dataset.section !== "plan" || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    try {
      source.close();
      await take(await fetchPage());
      listen();
    } catch {
      location.assign(link.href); // the department that was open is not in it, say
    }
  });

  let source;
  const listen = () => {
    source = new EventSource("live?version=" + document.body.dataset.version);
    source.addEventListener("now", (event) => { if (live.innerHTML !== (event.data || idle)) show(event.data || idle); });
    source.addEventListener("over", (event) => { event.target.close(); over(); });
  };
  if (document.body.dataset.section !== "notice") { // the address of a refusal cannot be asked for
    listen();
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  }
})();
