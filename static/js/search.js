// "/" and Ctrl-K open the search over the page; arrows walk through what was found.
const finder = document.getElementById("finder");
const input = finder?.querySelector("input");
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const open = () => { if (!finder.open) finder.showModal(); input.select(); };

if (finder) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-search-open]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    const chord = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target);
    if (chord || slash) { event.preventDefault(); open(); }
  });
  finder.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { // a search field would only empty itself
      event.preventDefault();
      finder.close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [input, ...finder.querySelectorAll("a.hit")];
    const at = stops.indexOf(document.activeElement);
    stops[(at + step + stops.length) % stops.length].focus();
  });
}
