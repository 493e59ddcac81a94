import type { Figure } from "../figures/plotlyFigure.js";
import { plotlyJson } from "./plotlyJson.js";

/**
 * A page that holds one figure and all that draws it: it opens without a network, and its policy lets nothing be
 * fetched or sent. Those who do not see the figure are read its text.
 *
 * @param plotly The source of plotly.js.
 */
export function figurePage(figure: Figure, plotly: string): string {
  const { alt, layout } = figure;
  const title = (layout["title"] as { readonly text?: string } | undefined)?.text ?? "Figure";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title.replaceAll(/<[^>]*>/g, " "))}</title>
<style>body { margin: 0; overflow-x: auto; background: #ffffff; font-family: sans-serif; }</style>
</head>
<body>
<main>
<div id="figure" role="img" aria-label="${escape(alt)}"></div>
<noscript><p>${escape(alt)}</p></noscript>
</main>
<script>${inScript(plotly)}</script>
<script>
const figure = ${inScript(JSON.stringify(plotlyJson(figure)))};
Plotly.newPlot("figure", figure.data, figure.layout, figure.config);
</script>
</body>
</html>
`;
}

/** Only what stands in the page itself: its scripts and styles, and pictures that it makes. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:";

/** The same script or JSON, without what would end a page's script, or begin a comment in it. */
function inScript(code: string): string {
  return code.replaceAll(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
