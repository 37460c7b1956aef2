// Messages can be dismissed; htmx answers add theirs with the header HX-Trigger: {"toast": {"level": "success", "text": "…"}}.
const region = document.getElementById("toasts");

function dismissible(toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--quiet btn--small";
  button.textContent = region.dataset.dismiss;
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
}

if (region) {
  for (const toast of region.children) dismissible(toast);
  document.addEventListener("toast", (event) => {
    const toast = document.createElement("div");
    toast.className = `toast toast--${event.detail.level}`;
    const words = document.createElement("p");
    words.textContent = event.detail.text;
    toast.append(words);
    dismissible(toast);
    region.append(toast);
  });
}
