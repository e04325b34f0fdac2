"""The one small style of pages that must need nothing else (U-6); a page's own policy allows it by its hash."""

from __future__ import annotations

import base64
import hashlib

STYLE = (
    "body{margin:0;background:#f2f2f5;color:#1b1b22;font:1.125rem/1.5 'Golos Text',system-ui,sans-serif;"
    "overflow-wrap:anywhere}"
    ".stripe{margin:0;padding:.4rem;text-align:center;background:repeating-linear-gradient(-45deg,#26262e 0 14px,"
    "#4a2f86 14px 28px)}.stripe b{display:inline-block;padding:.15em .8em;border-radius:6px;background:#26262e;"
    "color:#fff;font-size:.8125rem}main{max-width:38rem;margin:1.25rem auto 3rem;padding:0 min(1rem,5vw)}"
    ".idp{display:flex;gap:.75rem;align-items:center;margin:0 0 2rem;font-size:1rem;line-height:1.3;color:#484853}"
    ".idp b{font-size:1.3125rem;color:#1b1b22}"
    "h1{margin:0 0 .5rem;font-size:clamp(1.875rem,1.55rem + 1.4vw,2.5rem);line-height:1.2}"
    ".lead{margin:0 0 1.5rem;font-size:1.3125rem;color:#484853}.card{margin:1.5rem 0;padding:.25rem min(1.5rem,6vw);"
    "border:1px solid #d8d8e0;border-radius:20px;background:#fff}dt{margin-top:1rem;font-size:1rem;color:#484853}"
    "dd{margin:0 0 1rem}a,button{color:#55309f}.btn{display:inline-block;padding:.6em min(1.3em,5vw);"
    "border:2px solid #55309f;"
    "border-radius:12px;background:#55309f;color:#fff;font-family:inherit;font-size:1em;font-weight:600;line-height:1.25;text-decoration:none;cursor:pointer}"
    ".more{margin-left:1rem}.ref{font-size:1rem;color:#484853}"
    ":focus-visible{outline:3px solid #7a3ff0;outline-offset:3px}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
