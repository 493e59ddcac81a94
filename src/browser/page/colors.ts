/** Colors of figures on a dark page. */
export const LIGHT = { ink: "#2a2a2a", paper: "#ffffff", grid: "#dddddd", button: "#ffffff" };
export const DARK = { ink: "#e0e0e0", paper: "#131416", grid: "#44474c", button: "#2a2d31" };

export function isDark(): boolean {
  const { theme } = document.body.dataset;
  return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

const channels = (color: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** WCAG's relative luminance, from 0 to 1. */
function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** A color of the data, mixed with white until it stands out from dark paper: by 4.5 to 1, as text has to. */
function lightened(color: string): string {
  const needed = 4.5 * (luminance(DARK.paper) + 0.05) - 0.05;
  let mixed = color;
  for (let white = 0.1; white < 1 && luminance(mixed) < needed; white += 0.1) {
    const parts = channels(color).map((value) => Math.round(value + (255 - value) * white));
    mixed = `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  }
  return mixed;
}

function inDark(color: string): string {
  const name = (["ink", "paper", "grid"] as const).find((key) => LIGHT[key] === color.toLowerCase());
  return name === undefined ? lightened(color) : DARK[name];
}

/** The same figure for a dark page. The scale of a heatmap stays: its numbers are read by it. */
export function darkened<T>(value: T, key?: string): T {
  if (key === "colorscale") {
    return value;
  }
  if (typeof value === "string") {
    return (/^#[0-9a-f]{6}$/i.test(value) ? inDark(value) : value) as T;
  }
  if (Array.isArray(value)) {
    // Long lists hold data.
    return value.length > 200 ? value : (value.map((item: unknown) => darkened(item)) as T);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, darkened<unknown>(item, name)]),
  ) as T;
}
