//! Which parameters of an address tell who came from where, and not what is shown.

/// Beginnings of such names.
const PREFIXES: &[&str] = &[
    "utm_", "hsa_", "mtm_", "pk_", "piwik_", "matomo_", "oly_", "vero_", "pf_rd_", "pd_rd_", "ga_",
    "trk_", "_hs",
];

/// Such names, in lower case.
const NAMES: &[&str] = &[
    "_branch_match_id",
    "_ga",
    "_gl",
    "_ke",
    "_kx",
    "_openstat",
    "_pos",
    "_psq",
    "_sid",
    "_ss",
    "aff",
    "aff_id",
    "affid",
    "affiliate",
    "affiliate_id",
    "algo_exp_id",
    "algo_pvid",
    "awc",
    "campaignid",
    "cjevent",
    "clickid",
    "cmpid",
    "dclid",
    "dm_i",
    "ef_id",
    "epik",
    "fbclid",
    "fb_action_ids",
    "fb_ref",
    "fb_source",
    "gad",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "irclickid",
    "irgwc",
    "jsessionid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "phpsessid",
    "pr_prod_strat",
    "pr_rec_id",
    "pr_rec_pid",
    "pr_ref_pid",
    "pr_seq",
    "pvid",
    "ranmid",
    "raneaid",
    "ransiteid",
    "rb_clickid",
    "rdt_cid",
    "ref",
    "ref_",
    "referer",
    "referrer",
    "s_cid",
    "s_kwcid",
    "scid",
    "scm",
    "sessionid",
    "spm",
    "srsltid",
    "sscid",
    "ttclid",
    "twclid",
    "wbraid",
    "wickedid",
    "wt_mc",
    "yclid",
    "zanpid",
];

/// Whether a parameter says nothing about the page.
fn tracks(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The parts of a query that say what is shown, in one order; empty when none do.
pub(super) fn meaningful(query: &str) -> String {
    let mut kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter(|pair| !tracks(pair.split('=').next().unwrap_or_default()))
        .collect();
    // By name alone: the order of values of one name can mean something.
    kept.sort_by_key(|pair| pair.split('=').next().unwrap_or_default());
    kept.dedup();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_chooses_the_page_stays() {
        assert_eq!(
            meaningful("utm_source=x&size=M&GCLID=1&colour=red&&ref=top"),
            "colour=red&size=M"
        );
        assert_eq!(meaningful("a=2&a=1&b"), "a=2&a=1&b");
        assert_eq!(meaningful("fbclid=1"), "");
    }
}
