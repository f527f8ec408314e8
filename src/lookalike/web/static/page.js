// The page works without this file; with it, pictures can be dropped and pasted, and answers come without a new page.
import { startCompare } from "./compare.js";
import { startIntake } from "./intake.js";
import { startResults } from "./results.js";

document.documentElement.classList.add("script");
startIntake();
startResults();
startCompare(document);
