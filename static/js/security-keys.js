// Security keys. A form with data-security-key="<address that gives options>" gets its button
// [data-use-security-key]: the form is posted there, the key answers, the answer goes into the hidden
// field "assertion" (whatever the form's prefix), and the form is sent. Options with pubKeyCredParams enrol a key; others use one.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const creation = (options) => ({
  ...options,
  challenge: bytes(options.challenge),
  user: { ...options.user, id: bytes(options.user.id) },
  excludeCredentials: descriptors(options.excludeCredentials),
});

const request = (options) => ({
  ...options,
  challenge: bytes(options.challenge),
  allowCredentials: descriptors(options.allowCredentials),
});

const answer = (credential) => {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports ? response.getTransports() : [];
  } else {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
    parts.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment,
  };
};

// What is said comes translated from the page (templates/components/key_words.html).
const words = document.getElementById("key-words")?.dataset || {};
const wordsFor = (name) => words[name[0].toLowerCase() + name.slice(1)] || words.other || "";

const say = (form, told) => {
  let place = form.querySelector("[data-key-status]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.keyStatus = "";
    place.className = "key__status";
    place.setAttribute("role", "status");
    form.querySelector("[data-use-security-key]").before(place);
  }
  place.textContent = told;
};

const ask = async (form) => {
  const answered = await fetch(form.dataset.securityKey, { method: "POST", body: new FormData(form), redirect: "error" });
  const options = await answered.json();
  if (!answered.ok) throw new Error(options.error || wordsFor("other"), { cause: "told" });
  return options;
};

const use = async (form, button) => {
  button.disabled = true;
  try {
    const options = await ask(form);
    say(form, wordsFor("ask"));
    const credential = options.pubKeyCredParams
      ? await navigator.credentials.create({ publicKey: creation(options) })
      : await navigator.credentials.get({ publicKey: request(options) });
    form.querySelector("[name$=assertion]").value = JSON.stringify(answer(credential));
    form.requestSubmit();
  } catch (error) {
    say(form, error.cause === "told" ? error.message : wordsFor(error.name));
    button.disabled = false;
  }
};

const prepare = (root) => {
  if (!window.PublicKeyCredential) return;
  for (const button of root.querySelectorAll("form[data-security-key] [data-use-security-key]")) {
    button.hidden = false;
    if (button.dataset.ready) continue;
    button.dataset.ready = "1";
    button.addEventListener("click", () => use(button.form, button));
  }
};

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target));
