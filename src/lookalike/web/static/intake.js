// Taking a picture in: dropped anywhere, pasted, picked or photographed. The form does the sending, as without a script.

export function startIntake() {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const area = document.querySelector(".drop");
  const target = form.querySelector("input[type=file][data-target]");

  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => input.files.length && send(input.files, input));
  }
  document.addEventListener("dragover", (event) => {
    if (!holdsFile(event.dataTransfer)) return;
    event.preventDefault();
    document.documentElement.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.documentElement.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    document.documentElement.classList.remove("dropping");
    if (!event.dataTransfer || isField(event.target)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) send(event.dataTransfer.files);
    else tell("That was no picture file. Save the picture first, then drop the file here.");
  });
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (files?.length && !isField(event.target)) {
      event.preventDefault();
      send(files);
    }
  });
  window.addEventListener("pageshow", () => { // back from the results
    area?.classList.remove("busy");
    document.documentElement.classList.remove("sending");
  });

  function send(files, from) {
    const file = files[0];
    const most = Number(form.dataset.maxBytes);
    if (most && file.size > most) {
      tell(`“${file.name}” has ${megabytes(file.size)}; at most ${megabytes(most)} can be taken. Save it smaller, or as JPEG, and try again.`);
      if (from) from.value = "";
      return;
    }
    if (file.type && !file.type.startsWith("image/")) {
      tell(`“${file.name}” is no picture. Take a photo or pick a picture such as JPEG, PNG or WebP.`);
      if (from) from.value = "";
      return;
    }
    const only = new DataTransfer();
    only.items.add(file);
    for (const input of form.querySelectorAll("input[type=file]")) {
      if (input !== target) input.value = "";
    }
    target.files = only.files;
    tell("");
    area?.classList.add("busy");
    document.documentElement.classList.add("sending");
    form.submit();
  }

  function tell(words) {
    const note = document.querySelector("[data-intake-note]");
    note.textContent = words;
    note.hidden = !words;
    if (words) note.scrollIntoView({ block: "nearest" });
  }
}

function holdsFile(transfer) {
  return Boolean(transfer && [...transfer.types].some((type) => type === "Files" || type === "text/uri-list"));
}

function isField(element) {
  return element instanceof Element && element.closest("input:not([type=file]), textarea, select") !== null;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
