import type { Tenant, TenantChange } from '../../api/types';

/** What the form holds. */
export interface TeamDraft {
  name: string;
  time_zone: string;
  locale: string;
  base_currency: string;
  rise_color: string;
}

export const draftOf = ({ name, time_zone, locale, base_currency, rise_color }: Tenant): TeamDraft => ({
  name,
  time_zone,
  locale,
  base_currency,
  rise_color,
});

/** What differs from how the team is now; `null` when nothing does. */
export function changeOf(tenant: Tenant, draft: TeamDraft): TenantChange | null {
  const change: TenantChange = {};
  if (draft.name.trim() !== tenant.name) change.name = draft.name.trim();
  if (draft.time_zone !== tenant.time_zone) change.time_zone = draft.time_zone;
  if (draft.locale !== tenant.locale) change.locale = draft.locale;
  if (draft.base_currency !== tenant.base_currency) change.base_currency = draft.base_currency;
  if (draft.rise_color !== tenant.rise_color) change.rise_color = draft.rise_color;
  return Object.keys(change).length === 0 ? null : change;
}

/** An address as it may be typed, as the server has it. */
export const slugOf = (typed: string): string => typed.trim().toLowerCase();
