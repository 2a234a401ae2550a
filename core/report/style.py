"""How the page looks: light, dark, narrow and on paper. Text contrast is 4.5 to 1 or more throughout (WCAG 2.2, 1.4.3)."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c1b19; --soft: #5f5b54; --line: #e2ded5; --grid: #ece8e0;
  --exact: #0b6e8a; --ambiguous: #a85b00; --unmatched: #77726a; --stripe: #d3cdc2; --band: #0b6e8a2e; --wash: #0b6e8a14;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #131416; --card: #1a1c1f; --ink: #ece9e3; --soft: #a29d94; --line: #2e3135; --grid: #25282b;
  --exact: #62bedb; --ambiguous: #e5a54b; --unmatched: #97928a; --stripe: #3b3e42; --band: #62bedb33; --wash: #62bedb1a;
} }
*, *::before { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif; }
main { max-width: 1104px; margin: 0 auto; padding: 44px 32px 64px; }
header p.kind { margin: 0 0 14px; color: var(--soft); font-size: 14px; overflow-wrap: anywhere; }
header p.kind b { color: var(--exact); font-weight: 650; letter-spacing: .01em; margin-right: 6px; }
h1 { font: 500 33px/1.28 "Iowan Old Style", "Palatino Linotype", Charter, "Source Serif 4", Georgia, "DejaVu Serif", serif;
  margin: 0; max-width: 27em; text-wrap: pretty; letter-spacing: -.008em; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 620; margin: 56px 0 4px; letter-spacing: -.005em; }
h2 + p.lead { margin-top: 0; }
p.lead { color: var(--soft); margin: 0 0 16px; max-width: 46em; font-size: 15px; }
.figures { display: flex; flex-wrap: wrap; gap: 0; margin: 30px 0 0; padding: 0; border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line); }
.figures > div { flex: 1 1 150px; padding: 14px 20px 13px 0; }
.figures dt { font-size: 13px; color: var(--soft); }
.figures dd { margin: 0; font-size: 25px; line-height: 1.25; font-weight: 560; letter-spacing: -.015em; font-variant-numeric: tabular-nums; }
.figures dd small { font-size: 14px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.tc { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .89em; white-space: nowrap; }
.soft { color: var(--soft); } .num { font-variant-numeric: tabular-nums; }
ul.look { margin: 22px 0 0; padding: 14px 18px 14px 36px; border-left: 3px solid var(--ambiguous); background: var(--card); }
ul.look li { margin: 3px 0; overflow-wrap: anywhere; } ul.look p { margin: 0; }
figure { margin: 0; }
svg { display: block; max-width: 100%; }
svg.chart { width: 100%; height: auto; touch-action: pan-y; }
svg.narrow { display: none; }
.chart text { font: 11.5px ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; fill: var(--soft); }
.chart text.axis, .chart text.gap-label { font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif;
  font-size: 12px; }
.grid { stroke: var(--grid); stroke-width: 1; } .stripe { stroke: var(--stripe); stroke-width: 1; fill: none; }
.gap:hover { opacity: .7; }
.run { fill: none; stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; } .hit { fill: none; stroke: transparent; stroke-width: 16; }
.exact .run { stroke: var(--exact); } .ambiguous .run { stroke: var(--ambiguous); stroke-dasharray: 7 4.5; }
g.exact:hover .run, g.ambiguous:hover .run { stroke-width: 5; }
.rug { fill: var(--grid); } .mark.exact { fill: var(--exact); } .mark.ambiguous { fill: var(--ambiguous); }
.band { fill: var(--band); stroke: none; } .score { fill: none; stroke: var(--exact); stroke-width: 1.4; stroke-linejoin: round; }
.hair { stroke: var(--ink); stroke-width: 1; opacity: 0; pointer-events: none; } .on .hair { opacity: .55; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; align-items: center; font-size: 14px; color: var(--soft); margin: 0 0 10px; }
.legend span { white-space: nowrap; } .legend svg { display: inline-block; vertical-align: middle; margin-right: 7px; }
#readout { min-height: 1.6em; margin: 8px 0 0; font-size: 14px; color: var(--soft); font-variant-numeric: tabular-nums; }
.stills { display: grid; gap: 26px; margin-top: 18px; }
.still figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline; margin: 0 0 7px; font-size: 14px; color: var(--soft); }
.still figcaption b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
.trio { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px; }
.trio.pair { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.trio img, .trio .none { width: 100%; height: auto; display: block; background: #2e2e2e; border-radius: 2px; }
.trio .none { display: grid; place-items: center; background: var(--grid); color: var(--soft); font-size: 14px; text-align: center; padding: 8px; }
.heads { font-size: 13px; color: var(--soft); margin-bottom: -18px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; line-height: 1.4; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line);
  vertical-align: bottom; }
td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:last-child, th:last-child { padding-right: 0; } td .soft { display: block; }
td.r, th.r { text-align: right; white-space: nowrap; }
.pill { display: inline-block; white-space: nowrap; font-size: 13px; }
.pill::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 7px; }
.pill.exact::before { background: var(--exact); } .pill.ambiguous::before { background: none; border: 2.5px solid var(--ambiguous); }
.pill.unmatched::before { background: none; border: 1.5px dashed var(--unmatched); }
.ways { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 30px 36px; margin-top: 18px; }
.ways h3 { font-size: 15px; font-weight: 500; margin: 8px 0 2px; line-height: 1.4; }
.ways p { margin: 0 0 8px; font-size: 14px; color: var(--soft); }
.outline { width: 100%; max-height: 250px; }
.outline .ref-frame { fill: var(--card); stroke: var(--unmatched); stroke-width: 1; vector-effect: non-scaling-stroke; }
.clip-frame polygon { fill: var(--wash); stroke: var(--exact); stroke-width: 1.8; vector-effect: non-scaling-stroke; }
.clip-frame polygon.corner { fill: var(--exact); stroke: none; } .clip-frame.between polygon { fill: none; stroke-width: .8; opacity: .6; }
.between .corner { display: none; }
.outline .tag { fill: var(--soft); }
.matrix caption { text-align: left; padding: 4px 0 1px; } .matrix { width: auto; font-size: 12.5px; color: var(--soft); }
.matrix td { border: 0; padding: 1px 16px 1px 0; text-align: right; white-space: nowrap; }
.files { table-layout: fixed; } .files th:first-child { width: 132px; }
.files tbody th { border-bottom: 1px solid var(--line); vertical-align: top; padding: 9px 14px 9px 0; }
.files .name { font-size: 16px; font-weight: 600; color: var(--ink); overflow-wrap: anywhere; }
dl.settings { columns: 2; column-gap: 48px; font-size: 14px; margin: 12px 0 0; }
dl.settings div { display: flex; gap: 12px; break-inside: avoid; border-bottom: 1px solid var(--line); padding: 5px 0; }
dl.settings dt { color: var(--soft); flex: 0 0 40%; } dl.settings dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 40px; font-size: 13px; color: var(--soft); }
a { color: inherit; }
@media (max-width: 720px) {
  main { padding: 26px 16px 44px; } h1 { font-size: 25px; } h2 { margin-top: 44px; }
  svg.wide { display: none; } svg.narrow { display: block; }
  .figures > div { flex-basis: 45%; padding-right: 10px; } .figures dd { font-size: 21px; }
  .trio { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } .trio > :first-child:nth-last-child(3) { grid-column: 1 / -1; }
  .heads { display: none; }
  .runs thead { display: none; } .runs tr { display: block; padding: 11px 0; border-bottom: 1px solid var(--line); }
  .runs td, .runs td.r { display: grid; grid-template-columns: 92px minmax(0, 1fr); padding: 2px 0; border: 0; text-align: left; }
  .runs td::before { content: attr(data-name); color: var(--soft); } .runs td:empty { display: none; }
  .files th:first-child { width: 76px; } .files th, .files td { padding-right: 10px; } dl.settings { columns: 1; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #4a4741; --line: #ccc; --grid: #e4e4e4; --exact: #0b6e8a; --ambiguous: #a85b00;
    --unmatched: #666; --stripe: #bbb; --band: #0b6e8a2e; --wash: #0b6e8a14; }
  @page { margin: 14mm; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } h1 { font-size: 20pt; } h2 { margin-top: 26pt; break-after: avoid; }
  svg.chart.wide { display: block; } svg.chart.narrow, #readout { display: none; }
  figure, .ways > div, tr, .figures { break-inside: avoid; } thead { display: table-header-group; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
