import type { Tenant, TenantChange } from '../api/types';

/** What the form holds. */
export interface TeamForm {
  name: string;
  time_zone: string;
  locale: string;
}

export const formOf = ({ name, time_zone, locale }: Tenant): TeamForm => ({ name, time_zone, locale });

/** What differs from how the team is now; `null` when nothing does. */
export function changeOf(tenant: Tenant, form: TeamForm): TenantChange | null {
  const change: TenantChange = {};
  if (form.name.trim() !== tenant.name) change.name = form.name.trim();
  if (form.time_zone !== tenant.time_zone) change.time_zone = form.time_zone;
  if (form.locale !== tenant.locale) change.locale = form.locale;
  return Object.keys(change).length === 0 ? null : change;
}
