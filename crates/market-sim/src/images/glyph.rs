//! The products themselves, as simple shapes in a 400 × 400 box.

use crate::market::Glyph;

/// SVG shapes in three tones.
pub(super) fn draw(glyph: Glyph, body: &str, shade: &str, light: &str) -> String {
    let template = match glyph {
        Glyph::Headphones => {
            r##"<path d="M108 232v-32a92 92 0 0 1 184 0v32" fill="none" stroke="SHADE" stroke-width="20"/>
<rect x="84" y="212" width="58" height="92" rx="26" fill="BODY"/><rect x="258" y="212" width="58" height="92" rx="26" fill="BODY"/>
<rect x="126" y="222" width="22" height="72" rx="11" fill="LIGHT"/><rect x="252" y="222" width="22" height="72" rx="11" fill="LIGHT"/>"##
        }
        Glyph::Earplugs => {
            r##"<g transform="rotate(-18 150 210)"><rect x="128" y="190" width="44" height="110" rx="20" fill="BODY"/><path d="M112 200q38-96 76 0z" fill="LIGHT" stroke="SHADE" stroke-width="6"/></g>
<g transform="rotate(18 250 210)"><rect x="228" y="190" width="44" height="110" rx="20" fill="BODY"/><path d="M212 200q38-96 76 0z" fill="LIGHT" stroke="SHADE" stroke-width="6"/></g>"##
        }
        Glyph::Kettle => {
            r##"<path d="M282 170q52 6 46 64t-58 50" fill="none" stroke="SHADE" stroke-width="18"/>
<path d="M132 190L84 150" stroke="BODY" stroke-width="18"/><path d="M138 140h124l28 150q2 24-22 24H132q-24 0-22-24z" fill="BODY"/>
<rect x="142" y="118" width="116" height="26" rx="13" fill="SHADE"/><circle cx="200" cy="106" r="12" fill="SHADE"/><path d="M150 170l-12 110" stroke="LIGHT" stroke-width="12"/>"##
        }
        Glyph::Bottle => {
            r##"<rect x="170" y="66" width="60" height="44" rx="12" fill="SHADE"/><path d="M164 112h72l22 46v130q0 28-28 28h-60q-28 0-28-28V158z" fill="BODY"/>
<rect x="142" y="196" width="116" height="56" fill="LIGHT"/><path d="M164 150v130" stroke="#fff" stroke-opacity=".5" stroke-width="10"/>"##
        }
        Glyph::Grinder => {
            r##"<path d="M150 82h100l-12 84h-76z" fill="LIGHT" stroke="SHADE" stroke-width="6"/><rect x="146" y="164" width="108" height="92" rx="12" fill="BODY"/>
<rect x="134" y="256" width="132" height="60" rx="14" fill="SHADE"/><circle cx="200" cy="210" r="22" fill="LIGHT"/><circle cx="200" cy="210" r="8" fill="SHADE"/><path d="M160 78h80" stroke="SHADE" stroke-width="14"/>"##
        }
        Glyph::Dripper => {
            r##"<path d="M122 106h156l-46 86h-64z" fill="BODY"/><path d="M278 118q34 4 22 34t-42 20" fill="none" stroke="SHADE" stroke-width="12"/><rect x="146" y="192" width="108" height="12" rx="6" fill="SHADE"/>
<path d="M158 204h84l22 84q6 28-24 28h-80q-30 0-24-28z" fill="LIGHT" stroke="SHADE" stroke-width="6"/><path d="M143 262h114l8 28q4 22-20 22h-90q-24 0-20-22z" fill="SHADE" opacity=".75"/>"##
        }
        Glyph::Scale => {
            r##"<rect x="92" y="196" width="216" height="112" rx="20" fill="BODY"/><rect x="104" y="172" width="192" height="34" rx="14" fill="SHADE"/><rect x="150" y="234" width="100" height="44" rx="8" fill="#1d2430"/>
<text x="200" y="265" text-anchor="middle" font-family="monospace" font-size="28" fill="LIGHT">18.0</text><path d="M160 172l8-54h64l8 54z" fill="LIGHT"/>"##
        }
        Glyph::Speaker => {
            r##"<rect x="126" y="84" width="148" height="232" rx="44" fill="BODY"/><circle cx="200" cy="236" r="52" fill="SHADE"/><circle cx="200" cy="236" r="26" fill="LIGHT"/>
<circle cx="200" cy="142" r="26" fill="SHADE"/><circle cx="200" cy="142" r="10" fill="LIGHT"/><path d="M170 84q30-44 60 0" fill="none" stroke="SHADE" stroke-width="10"/>"##
        }
        Glyph::Lamp => {
            r##"<path d="M176 300l-34-112 92-70" fill="none" stroke="SHADE" stroke-width="14"/><path d="M210 88l82 46-28 50-82-46z" fill="BODY"/><path d="M182 138l82 46 6 92-130-74z" fill="LIGHT" opacity=".7"/>
<rect x="112" y="296" width="134" height="22" rx="11" fill="BODY"/><circle cx="142" cy="188" r="12" fill="BODY"/>"##
        }
        Glyph::Mug => {
            r##"<path d="M142 112h116l-14 190q-2 16-18 16h-52q-16 0-18-16z" fill="BODY"/><rect x="130" y="88" width="140" height="30" rx="12" fill="SHADE"/>
<path d="M148 190h104l-4 50h-96z" fill="LIGHT"/><path d="M182 70q-10-16 4-30M214 70q-10-16 4-30" fill="none" stroke="SHADE" stroke-width="7" opacity=".55"/>"##
        }
        Glyph::Figure => {
            r##"<path d="M142 108q-22-60 10-64 22 0 24 50zM258 108q22-60-10-64-22 0-24 50z" fill="BODY"/><circle cx="200" cy="152" r="82" fill="BODY"/><ellipse cx="200" cy="170" rx="58" ry="50" fill="LIGHT"/>
<circle cx="178" cy="164" r="9" fill="#2a2233"/><circle cx="222" cy="164" r="9" fill="#2a2233"/><path d="M188 188q12 12 24 0" fill="none" stroke="#2a2233" stroke-width="5"/><circle cx="160" cy="186" r="9" fill="BODY" opacity=".5"/><circle cx="240" cy="186" r="9" fill="BODY" opacity=".5"/>
<path d="M158 232h84l16 70q2 16-16 16h-84q-18 0-16-16z" fill="SHADE"/><circle cx="200" cy="264" r="10" fill="LIGHT"/><circle cx="200" cy="294" r="10" fill="LIGHT"/>"##
        }
        Glyph::Plush => {
            r##"<circle cx="140" cy="104" r="34" fill="SHADE"/><circle cx="260" cy="104" r="34" fill="SHADE"/><ellipse cx="200" cy="262" rx="86" ry="62" fill="BODY"/><circle cx="200" cy="156" r="84" fill="BODY"/>
<ellipse cx="200" cy="184" rx="44" ry="34" fill="LIGHT"/><circle cx="168" cy="146" r="10" fill="#2a2233"/><circle cx="232" cy="146" r="10" fill="#2a2233"/><ellipse cx="200" cy="172" rx="12" ry="8" fill="#2a2233"/>
<ellipse cx="200" cy="270" rx="46" ry="36" fill="LIGHT"/><circle cx="126" cy="250" r="26" fill="SHADE"/><circle cx="274" cy="250" r="26" fill="SHADE"/>"##
        }
        Glyph::Pendant => {
            r##"<circle cx="200" cy="70" r="26" fill="none" stroke="SHADE" stroke-width="10"/><path d="M200 96v34" stroke="SHADE" stroke-width="8"/><path d="M150 158q-16-52 12-52 18 4 20 36zM250 158q16-52-12-52-18 4-20 36z" fill="SHADE"/>
<circle cx="200" cy="198" r="70" fill="BODY"/><ellipse cx="200" cy="212" rx="48" ry="40" fill="LIGHT"/><circle cx="182" cy="206" r="8" fill="#2a2233"/><circle cx="218" cy="206" r="8" fill="#2a2233"/><path d="M184 226l8 8 8-8 8 8 8-8" fill="none" stroke="#2a2233" stroke-width="4"/>
<path d="M162 258q38 26 76 0l14 44q-52 32-104 0z" fill="BODY"/>"##
        }
        Glyph::Fridge => {
            r##"<rect x="132" y="66" width="136" height="250" rx="14" fill="BODY"/><path d="M132 176h136" stroke="SHADE" stroke-width="8"/><path d="M200 66v110" stroke="SHADE" stroke-width="6"/>
<path d="M188 112v40M212 112v40M154 200v64" stroke="LIGHT" stroke-width="9"/><rect x="144" y="316" width="24" height="10" fill="SHADE"/><rect x="232" y="316" width="24" height="10" fill="SHADE"/>"##
        }
        Glyph::Washer => {
            r##"<rect x="112" y="84" width="176" height="232" rx="16" fill="BODY"/><rect x="112" y="84" width="176" height="50" rx="16" fill="SHADE"/><circle cx="200" cy="218" r="68" fill="LIGHT" stroke="SHADE" stroke-width="12"/>
<path d="M146 226q26-24 54 0t54 0v6a54 54 0 0 1-108 0z" fill="BODY"/><circle cx="258" cy="109" r="13" fill="LIGHT"/><rect x="132" y="100" width="64" height="18" rx="6" fill="LIGHT"/>"##
        }
        Glyph::AirConditioner => {
            r##"<rect x="76" y="112" width="248" height="86" rx="18" fill="BODY"/><path d="M92 176h216" stroke="SHADE" stroke-width="12"/><rect x="252" y="130" width="50" height="18" rx="6" fill="LIGHT"/>
<path d="M136 224q-14 26 0 46t-4 34M200 224q-14 26 0 46t-4 34M264 224q-14 26 0 46t-4 34" fill="none" stroke="SHADE" stroke-width="9" opacity=".7"/>"##
        }
        Glyph::WaterHeater => {
            r##"<rect x="142" y="72" width="116" height="204" rx="46" fill="BODY"/><rect x="166" y="118" width="68" height="46" rx="8" fill="#1d2430"/><text x="200" y="150" text-anchor="middle" font-family="monospace" font-size="26" fill="LIGHT">55°</text>
<path d="M172 276v42M228 276v42" stroke="SHADE" stroke-width="12"/><path d="M200 186q24 30 0 54q-24-24 0-54z" fill="LIGHT"/>"##
        }
        Glyph::Crate => {
            r##"<path d="M200 76l106 54v126l-106 60-106-60V130z" fill="BODY"/><path d="M94 130l106 56v130l-106-60z" fill="SHADE"/><path d="M94 130l106-54 106 54-106 56z" fill="LIGHT"/>
<path d="M146 104l108 56v50" fill="none" stroke="#fff" stroke-opacity=".7" stroke-width="12"/><text x="252" y="262" text-anchor="middle" font-family="sans-serif" font-size="56" font-weight="700" fill="#fff" opacity=".8">?</text>"##
        }
    };
    template
        .replace("BODY", body)
        .replace("SHADE", shade)
        .replace("LIGHT", light)
}
