// Draws messages and views for Slack, one JSON file each, to PNG files of the same name:
//
//	node render.mjs FOLDER-OF-JSON FOLDER-FOR-PNG [NAME...]
//
// It needs Chromium, found as "chromium" or named by CHROMIUM. The drawing is another project's reading of Block Kit and not Slack's own client:
// it shows what stands where and what overflows, not what every pixel will look like.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [from, to, ...names] = process.argv.slice(2);
if (!from || !to) {
  console.error("usage: node render.mjs FOLDER-OF-JSON FOLDER-FOR-PNG [NAME...]");
  process.exit(2);
}
const width = 760;
const work = mkdtempSync(join(tmpdir(), "slack-pictures-"));
mkdirSync(to, { recursive: true });
try {
  writeFileSync(join(work, "bundle.js"), await bundle());
  copyFileSync(join(import.meta.dirname, "node_modules/slack-blocks-to-jsx/dist/style.css"), join(work, "style.css"));
  for (const file of readdirSync(from).filter((f) => f.endsWith(".json"))) {
    const name = basename(file, ".json");
    if (names.length > 0 && !names.includes(name)) continue;
    const { blocks } = JSON.parse(readFileSync(join(from, file), "utf8"), likeSlack);
    const page = join(work, name + ".html");
    writeFileSync(page, html(blocks));
    picture(page, resolve(to, name + ".png"));
    console.log(name);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

// bundle makes one script of the renderer and React.
async function bundle() {
  const result = await build({
    stdin: {
      contents: `
        import { createElement } from "react";
        import { createRoot } from "react-dom/client";
        import { Message } from "slack-blocks-to-jsx";
        const logo = "data:image/svg+xml," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="7" fill="#1d3d5c"/><path d="M10 19l5 5 11-13" fill="none" stroke="#fff" stroke-width="4"/></svg>');
        createRoot(document.getElementById("root")).render(
          createElement(Message, { theme: "light", blocks: window.blocks, name: "Crosscheck", logo, time: new Date(2026, 2, 20, 12, 0) }));
        setTimeout(() => { document.body.dataset.height = String(Math.ceil(document.documentElement.getBoundingClientRect().height)); }, 500);
      `,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  return result.outputFiles[0].text;
}

// likeSlack drops what the renderer takes for more than Slack does: in a verbatim text Slack still shows links as such.
function likeSlack(key, value) {
  return key === "verbatim" ? undefined : value;
}

function html(blocks) {
  return `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="style.css">
<style>body { margin: 0; padding: 12px 16px; background: #fff; font-family: Lato, "Noto Sans", "DejaVu Sans", sans-serif; }</style>
<div id="root"></div>
<script>window.blocks = ${JSON.stringify(blocks).replaceAll("<", "\\u003c")};</script>
<script src="bundle.js"></script>`;
}

// picture takes a screenshot that is as high as the page: the first run measures it.
function picture(page, file) {
  const url = pathToFileURL(page).href;
  const dom = chromium("--window-size=" + width + ",400", "--virtual-time-budget=3000", "--dump-dom", url);
  const height = Math.min(4000, Math.max(160, Number(/data-height="(\d+)"/.exec(dom)?.[1] ?? 900)));
  chromium("--window-size=" + width + "," + height, "--virtual-time-budget=3000", "--screenshot=" + file, url);
}

function chromium(...args) {
  const base = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--user-data-dir=" + join(work, "profile"), "--hide-scrollbars"];
  return execFileSync(process.env.CHROMIUM ?? "chromium", [...base, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 });
}
