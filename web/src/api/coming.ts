// Answers that openapi.json does not describe yet, in the shape that `npm run api` gives them. Each interface below is one
// schema of the server. Once schema.d.ts has them, this file goes, and types.ts takes `paths` from there alone.
import type { components, paths as known } from './schema';

type Role = components['schemas']['Role'];
type Scope = components['schemas']['Scope'];

interface Parameters<Path, Query, Header> {
  path: Path;
  query?: Query;
  header?: Header;
}

type Given<Path, Query, Header> = [Path] extends [never] ? Omit<Parameters<never, Query, Header>, 'path'> : Parameters<Path, Query, Header>;
type Headers = { [name: string]: unknown };

type Failure = { headers: Headers; content: { 'application/problem+json': components['schemas']['Problem'] } };

type Carries<Sent> = [Sent] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': Sent } } };

/** An operation: what it answers, with which status, and what it is asked with. */
type Asks<Status extends number, Result, Sent = never, Path = never, Query = never, Header = never> = {
  parameters: Given<Path, Query, Header>;
  responses: { [S in Status]: { headers: Headers; content: { 'application/json': Result } } } & { default: Failure };
} & Carries<Sent>;

type Does<Status extends number, Sent = never, Path = never> = {
  parameters: Given<Path, never, never>;
  responses: { [S in Status]: { headers: Headers; content?: never } } & { default: Failure };
} & Carries<Sent>;

interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

interface PageQuery {
  limit?: number;
  cursor?: string;
}

/** With `X-Bellwether-Page`: the tokens themselves are in cookies. */
interface SignedInView {
  expires_in: number;
}

interface ProfileView {
  id: string;
  email: string;
  email_verified: boolean;
  pending_email?: string | null;
  tenant: components['schemas']['TenantOfProfile'];
  role: Role;
}

interface SessionView {
  id: string;
  tenant: string;
  created_at: string;
  last_used_at: string;
  user_agent?: string | null;
  address?: string | null;
  current: boolean;
}

interface OwnTenantView {
  slug: string;
  name: string;
  role: Role;
  status: string;
  current: boolean;
}

interface InvitedView {
  tenant: string;
  slug: string;
  email: string;
  role: Role;
  account_exists: boolean;
}

interface MemberView {
  user_id: string;
  email: string;
  role: Role;
  email_verified: boolean;
  joined_at: string;
  last_seen_at?: string | null;
}

interface InvitationView {
  id: string;
  email: string;
  role: Role;
  status: string;
  invited_by?: string | null;
  created_at: string;
  expires_at: string;
}

interface ApiKeyView {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: string;
  created_by?: string | null;
  expires_at?: string | null;
  last_used_at?: string | null;
  allowed_addresses: string[];
  rotated_to?: string | null;
}

interface CreateApiKey {
  name: string;
  scopes: Scope[];
  expires_at?: string | null;
  allowed_addresses?: string[];
}

interface CreatedApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  key: string;
  expires_at?: string | null;
  allowed_addresses: string[];
}

interface UsageItem {
  name: string;
  used: number;
  allowed: number;
  unit: string;
  percent: number;
  resets_at?: string | null;
  state: string;
}

interface UsageView {
  plan: string;
  period: { day: string; month: string };
  items: UsageItem[];
}

interface TenantView {
  id: string;
  slug: string;
  name: string;
  plan: string;
  limits: components['schemas']['PlanView'];
  status: string;
  delete_at?: string | null;
  time_zone: string;
  locale: string;
  base_currency: string;
  rise_color: string;
  created_at: string;
}

interface ChangeTenant {
  name?: string | null;
  slug?: string | null;
  locale?: string | null;
  time_zone?: string | null;
  base_currency?: string | null;
  rise_color?: string | null;
}

interface ExportView {
  id: string;
  status: string;
  percent: number;
  created_at: string;
  finished_at?: string | null;
  expires_at?: string | null;
  bytes: number;
  sha256?: string | null;
  reason?: string | null;
}

interface AuditActor {
  kind: string;
  id?: string | null;
  name?: string | null;
}

interface AuditSubject {
  kind: string;
  id?: string | null;
}

interface AuditEntry {
  id: string;
  at: string;
  actor: AuditActor;
  action: string;
  subject: AuditSubject;
  outcome: string;
  status?: number | null;
  reason?: string | null;
  address?: string | null;
  user_agent?: string | null;
  credential?: string | null;
  trace_id?: string | null;
  details: Record<string, never>;
}

interface AuditQuery extends PageQuery {
  actor?: string;
  action?: string;
  subject?: string;
  outcome?: string;
  from?: string;
  to?: string;
}

interface Once {
  'Idempotency-Key'?: string;
}

interface Coming {
  '/api/v1/auth/login': { post: Asks<200, SignedInView, components['schemas']['Login']> };
  '/api/v1/auth/register': { post: Asks<201, SignedInView, components['schemas']['Register']> };
  '/api/v1/auth/handoff': { post: Asks<200, SignedInView, { code: string }> };
  '/api/v1/auth/switch': { post: Asks<200, SignedInView | { handoff: string }, { slug: string; handoff?: boolean }> };
  '/api/v1/auth/tenants': { get: Asks<200, Page<OwnTenantView>> };
  '/api/v1/auth/profile': {
    get: Asks<200, ProfileView>;
    patch: Asks<200, ProfileView, components['schemas']['ChangeProfile']>;
  };
  '/api/v1/auth/email/verify': { post: Does<204, { token: string }> };
  '/api/v1/auth/email/verification': { post: Does<202> };
  '/api/v1/auth/password/forgot': { post: Does<202, { email: string }> };
  '/api/v1/auth/password/reset': { post: Does<204, { token: string; password: string }> };
  '/api/v1/auth/invitations/look': { post: Asks<200, InvitedView, { token: string }> };
  '/api/v1/auth/invitations/accept': { post: Asks<200, SignedInView, { token: string; password: string }> };
  '/api/v1/auth/sessions': { get: Asks<200, Page<SessionView>>; delete: Does<204> };
  '/api/v1/auth/sessions/{id}': { delete: Does<204, never, { id: string }> };
  '/api/v1/members': { get: Asks<200, Page<MemberView>, never, never, PageQuery> };
  '/api/v1/members/{user_id}': {
    patch: Asks<200, MemberView, { role: Role }, { user_id: string }>;
    delete: Does<204, never, { user_id: string }>;
  };
  '/api/v1/invitations': {
    get: Asks<200, Page<InvitationView>, never, never, PageQuery>;
    post: Asks<201, InvitationView, { email: string; role: Role }, never, never, Once>;
  };
  '/api/v1/invitations/{id}': { delete: Does<204, never, { id: string }> };
  '/api/v1/invitations/{id}/resend': { post: Asks<200, InvitationView, never, { id: string }> };
  '/api/v1/api-keys': {
    get: Asks<200, Page<ApiKeyView>, never, never, PageQuery>;
    post: Asks<201, CreatedApiKey, CreateApiKey, never, never, Once>;
  };
  '/api/v1/api-keys/{id}': { delete: Does<204, never, { id: string }> };
  '/api/v1/api-keys/{id}/rotate': { post: Asks<201, CreatedApiKey, { overlap_seconds?: number | null }, { id: string }, never, Once> };
  '/api/v1/usage': { get: Asks<200, UsageView> };
  '/api/v1/tenant': {
    get: Asks<200, TenantView>;
    patch: Asks<200, TenantView, ChangeTenant>;
    delete: Asks<202, { delete_at: string }, { slug: string; password: string }>;
  };
  '/api/v1/tenant/restore': { post: Asks<200, TenantView> };
  '/api/v1/tenant/exports': { get: Asks<200, Page<ExportView>, never, never, PageQuery>; post: Asks<202, ExportView, never, never, never, Once> };
  '/api/v1/audit-log': { get: Asks<200, Page<AuditEntry>, never, never, AuditQuery> };
  '/api/v1/audit-log.csv': {
    get: {
      parameters: { query?: AuditQuery };
      requestBody?: never;
      responses: { 200: { headers: Headers; content: { 'text/csv': string } }; default: Failure };
    };
  };
}

export type paths = Omit<known, keyof Coming> & Coming;
