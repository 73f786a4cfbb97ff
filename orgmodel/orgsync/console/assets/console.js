// Opens branches in place and shows progress. Every page works without it.
(() => {
  "use strict";
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

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-branch], a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const row = link.closest("tr");
    if (row.dataset.busy) return; // a double click opens once
    row.dataset.busy = "yes";
    try {
      if (link.dataset.more) {
        row.replaceWith(await load(link.dataset.more));
        return;
      }
      const open = link.getAttribute("aria-expanded") !== "true";
      if (open) row.after(await load(link.dataset.branch));
      else below(row).forEach((each) => each.remove());
      link.setAttribute("aria-expanded", String(open));
      link.classList.toggle("open", open);
    } catch {
      location.assign(link.href);
    } finally {
      delete row.dataset.busy;
    }
  });

  // A form is sent once; the server would ignore a second time as well.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

  const live = document.getElementById("live");
  const source = new EventSource("live?version=" + document.body.dataset.version);
  source.addEventListener("now", (event) => { if (live.innerHTML !== event.data) live.innerHTML = event.data; });
  source.addEventListener("over", () => { source.close(); location.reload(); });
  addEventListener("pagehide", () => source.close());
})();
