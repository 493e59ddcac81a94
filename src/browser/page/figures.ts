/**
 * Makes figures interactive when they come into view. Until then, and without JavaScript, their pictures stand there.
 * On a narrow page the picture stays, with a button that shows the figure in its full width, to be moved sideways.
 */
import { drawFrame, redrawAll } from "./figureFrame.js";

const WIDE = 600;
const seen = new Set<HTMLElement>();

function show(frame: HTMLElement): void {
  seen.add(frame);
  // The picture stays if it fails.
  drawFrame(frame).catch((error: unknown) => {
    console.warn(error);
  });
}

function offer(frame: HTMLElement): void {
  const button = document.createElement("button");
  button.textContent = "Enlarge";
  button.setAttribute("aria-label", "Enlarge this figure, and make it interactive");
  button.onclick = () => {
    button.remove();
    frame.classList.add("large");
    Object.assign(frame, { tabIndex: 0, role: "region", ariaLabel: "A wide figure" });
    frame.focus();
    show(frame);
  };
  frame.append(button);
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const frame = target as HTMLElement;
      if (!isIntersecting || seen.has(frame)) {
        continue;
      }
      // An output of a cell has no picture that could stand there.
      if (frame.clientWidth >= WIDE || frame.querySelector("img") === null) {
        show(frame);
      } else if (frame.querySelector("button") === null) {
        offer(frame);
      }
    }
  },
  { rootMargin: "100px" },
);

/** Draws a frame when it comes into view. */
export function watchFrame(frame: HTMLElement): void {
  observer.observe(frame);
}

/** All of the page's figures. */
export function watchFigures(): void {
  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((folded) => (folded.open = true));
  });
  document.querySelectorAll<HTMLElement>(".figure").forEach(watchFrame);
  new MutationObserver(redrawAll).observe(document.body, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) {
      redrawAll();
    }
    width = innerWidth;
  });
}
