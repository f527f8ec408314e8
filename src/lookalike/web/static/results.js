// Answers without a new page: the address says what is asked, the server draws the page, and what differs is put in place.
import { CropBox } from "./crop_box.js";

const PAGE = 24; // cards that come at a time
const SWAPPED = ["results", "guess", "refine"];
const MOST_CARDS = 200; // further away nothing looks alike: from there on the link leads to a page of its own
const AHEAD_PX = 700; // more is asked for this far above the end, so that scrolling seldom meets it
let cropBox; // over the query's picture
let asking; // the AbortController of the latest question
let watching; // the IntersectionObserver of the end of the cards

export function startResults() {
  if (!document.getElementById("results")) return;
  startCrop();
  watchEnd();
  if (matchMedia("(min-width: 961px)").matches) document.querySelector("#refine details").open = true;
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("form[data-refine]")) ask(address(form), event.target.type === "range" ? "replace" : "push");
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-refine]")) return;
    event.preventDefault();
    ask(address(event.target), "push");
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-ask]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    ask(link.href, "push");
  });
  window.addEventListener("popstate", () => ask(location.href, "stay"));
}

function startCrop() {
  const frame = document.querySelector(".cropping");
  if (!frame) return;
  const fields = [..."xywh"].map((letter) => document.querySelector(`.numbers [name=crop_${letter}]`));
  frame.addEventListener("crop", ({ detail: { x, y, width, height } }) => {
    [x, y, width, height].forEach((value, place) => fields[place] && (fields[place].value = value));
    const all = document.querySelector("[data-whole]");
    if (all) all.hidden = width === Number(frame.dataset.width) && height === Number(frame.dataset.height);
  });
  const box = (cropBox = new CropBox(frame, (crop) => {
    const url = new URL(location.href);
    crop ? url.searchParams.set("crop", crop) : url.searchParams.delete("crop");
    url.searchParams.delete("cursor");
    ask(url.href, "replace");
  }));
  for (const field of fields) {
    field?.addEventListener("change", () => {
      const [x, y, width, height] = fields.map((one) => Number(one.value) || 0);
      box.change({ x, y, width, height });
    });
  }
  document.querySelector("[data-whole]")?.addEventListener("click", (event) => {
    event.preventDefault();
    box.change(box.whole(), 0);
    box.box.focus({ preventScroll: true });
  });
}

/** The address that a form would go to, without what is empty; the crop is the address's own. */
function address(form) {
  const url = new URL(form.action, location.href);
  for (const [name, value] of new FormData(form)) if (value !== "" && name !== "crop") url.searchParams.append(name, value);
  const crop = new URL(location.href).searchParams.get("crop");
  if (crop) url.searchParams.set("crop", crop);
  return url.href;
}

async function ask(href, history) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage(href, signal);
    if (history === "push") window.history.pushState(null, "", href);
    if (history === "replace") window.history.replaceState(null, "", href);
    place(page, history === "stay");
  } catch (fault) {
    if (signal.aborted) return;
    complain(results, fault, () => ask(href, history));
  }
}

async function fetchPage(href, signal) {
  let response;
  try {
    response = await fetch(href, { signal, headers: { Accept: "text/html" } });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new Error("The server can't be reached. Check the connection, or whether it still runs.");
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!response.ok) {
    const words = [...page.querySelectorAll(".problem h1, .problem p")].map((part) => part.textContent.trim());
    throw new Error(words.join(" ") || `The server answered with ${response.status}. Try again in a moment.`);
  }
  return page;
}

/** Put what differs in place; *gone* back or forth, the crop box follows too. */
function place(page, gone) {
  document.title = page.title;
  const focus = document.activeElement;
  const again = focus?.name && focus.closest("[id]") ? [focus.name, focus.value] : undefined;
  const heights = [...document.querySelectorAll(".ticks")].map((list) => list.scrollTop);
  const open = document.querySelector("#refine details")?.open;
  if (page.querySelector("main").dataset.query !== document.querySelector("main").dataset.query) {
    document.querySelector("main").replaceWith(page.querySelector("main"));
    startCrop();
  } else {
    for (const id of SWAPPED) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (old && fresh) old.replaceWith(fresh);
    }
    if (gone) cropBox?.show(page.querySelector(".cropping").dataset.crop);
  }
  const details = document.querySelector("#refine details");
  if (details && open !== undefined) details.open = open;
  document.querySelectorAll(".ticks").forEach((list, number) => (list.scrollTop = heights[number] ?? 0));
  if (again) {
    const fields = [...document.getElementsByName(again[0])];
    (fields.find((field) => field.value === again[1]) ?? fields[0])?.focus({ preventScroll: true });
  }
  tell(document.getElementById("results").dataset.told);
  watchEnd();
}

/** Fetch the next cards when the end of those that are there comes near. */
function watchEnd() {
  watching?.disconnect();
  const link = document.querySelector("#results a[rel=next]");
  const shown = document.querySelectorAll("#results .cards > li").length;
  if (!link || shown + PAGE > MOST_CARDS) return;
  watching = new IntersectionObserver(
    ([entry]) => entry.isIntersecting && addCards(link),
    { rootMargin: `0px 0px ${AHEAD_PX}px` },
  );
  watching.observe(link);
}

async function addCards(link) {
  watching.disconnect();
  const results = document.getElementById("results");
  try {
    const page = await fetchPage(link.href, asking?.signal);
    if (!link.isConnected) return; // another question was asked meanwhile
    const cards = page.querySelectorAll("#results .cards > li");
    document.querySelector("#results .cards").append(...cards);
    const more = page.querySelector("#results .more");
    more ? link.closest(".more").replaceWith(more) : link.closest(".more").remove();
    tell(`${document.querySelectorAll("#results .cards > li").length} pictures shown`);
    watchEnd();
  } catch (fault) {
    if (link.isConnected && !asking?.signal.aborted) complain(results, fault, watchEnd);
  }
}

function complain(results, fault, again) {
  results.removeAttribute("aria-busy");
  results.querySelector(".note.wrong")?.remove();
  const note = document.createElement("div");
  note.className = "note wrong";
  note.append(`${fault.message} `);
  const button = document.createElement("button");
  button.className = "button quiet slim";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    note.remove();
    again();
  });
  note.append(button);
  results.prepend(note);
  tell(fault.message);
}

function tell(words) {
  document.getElementById("told").textContent = words ?? "";
}
