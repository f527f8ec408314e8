// The slider that lays the query over the match.

export function startCompare(root) {
  for (const over of root.querySelectorAll(".over")) {
    const slider = over.querySelector("input[type=range]");
    const cut = () => over.style.setProperty("--cut", `${slider.value}%`);
    slider.addEventListener("input", cut);
    cut();
  }
}
