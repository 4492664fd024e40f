"""The style sheet of an openness report: light and dark, wide and narrow, screen and paper."""

from __future__ import annotations

STYLE = """
:root{--ink:#1c1f23;--soft:#565e66;--paper:#fff;--panel:#f4f6f8;--rule:#d5dae0;--link:#0b57a4;--good:#146c2e;--bad:#a61b1b;
--open:#7a5200;--good-back:#e3f3e7;--bad-back:#fbe6e6;--open-back:#fbf0d9}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a9b2bb;--paper:#14171a;--panel:#1d2226;--rule:#3a424a;--link:#7db7f0;
--good:#7fd196;--bad:#f39a9a;--open:#ecc06a;--good-back:#16321f;--bad-back:#3b1c1c;--open-back:#382b10}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem 1.25rem 4rem;max-width:76rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:1rem 0 .5rem}
h2{font-size:1.3rem;line-height:1.25;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:2px solid var(--rule)}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
header p{color:var(--soft);max-width:60ch;margin:0}
a{color:var(--link)}
a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999rem}
.skip:focus{position:static}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:1rem 0 0;padding:0}
code{font:.85em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
dl{display:grid;gap:.25rem 1.5rem;margin:0 0 1rem}
dl div{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;gap:1rem}
dt{color:var(--soft)}
dd{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--rule);min-width:5.5rem;overflow-wrap:break-word}
td.links,td.long,tbody th,td code{overflow-wrap:anywhere}
thead th{background:var(--panel);font-weight:600}
tbody th{font-weight:600;min-width:13rem}
td.links{font-size:.85em;min-width:9rem}
.mark{display:inline-block;padding:.05rem .5rem;border-radius:1rem;white-space:nowrap;font-weight:600;background:var(--panel)}
.mark.pass{color:var(--good);background:var(--good-back)}
.mark.fail{color:var(--bad);background:var(--bad-back)}
.mark.unknown{color:var(--open);background:var(--open-back)}
p.banner{font-size:1.15rem;line-height:1.45;margin:0 0 .75rem;padding:.75rem 1rem;background:var(--panel);border-left:4px solid var(--link)}
figure{margin:.5rem 0 1rem;max-width:26rem}
figcaption{color:var(--soft);font-size:.9rem}
svg{display:block;width:100%;height:auto;font-family:inherit}
svg text{fill:var(--ink);font-size:14px}
svg .note{font-size:12px;fill:var(--ink)}
svg rect{fill:var(--paper);stroke:var(--rule);stroke-width:1.5}
svg .full rect{fill:var(--good-back);stroke:var(--good)}
svg .claimed rect{fill:var(--open-back);stroke:var(--open);stroke-dasharray:5 3}
@media screen and (max-width:46rem){
body{padding:.75rem .75rem 3rem}
dl div{grid-template-columns:1fr;gap:0}
table,caption,tbody,tr,td,tbody th{display:block;width:100%}
th,td,tbody th,td.links{min-width:0}
thead{position:absolute;left:-999rem}
tr{border:1px solid var(--rule);border-radius:.5rem;margin:0 0 .75rem;padding:.25rem 0}
th,td{border:0;padding:.25rem .75rem}
td:empty{display:none}
dt{font-size:.8rem;margin-top:.35rem}
td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.8rem}
}
@media print{
:root{--ink:#000;--soft:#333;--paper:#fff;--panel:#fff;--rule:#999;--link:#000;--good:#000;--bad:#000;--open:#000;--good-back:#fff;--bad-back:#fff;
--open-back:#fff}
body{max-width:none;padding:0;font-size:9.5pt}
nav,.skip{display:none}
h2,h3,caption{break-after:avoid}
tr,figure,dl div{break-inside:avoid}
.scroll{overflow:visible}
thead{display:table-header-group}
table{font-size:8pt}
th,td,tbody th,td.links{min-width:0;padding:.2rem .3rem}
td code{white-space:nowrap;font-size:7pt}
tbody th{width:22%}
.mark{padding:0;border-radius:0}
}
"""
