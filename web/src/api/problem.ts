/** One field that the server refused, and what to do about it. */
export interface FieldError {
  field: string;
  message: string;
}

/** A limit of the plan that is reached. */
export interface Quota {
  limit: string;
  allowed: number;
  used: number;
  plan: string;
  resetsAt: string | null;
}

/**
 * A failed request. `status` is the HTTP status, or 0 when no answer came at all.
 * Built from `application/problem+json` where the server sent one.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** What kind of problem it is, as the last part of its `type` names it: `quota_exceeded`. Empty where it names none. */
  readonly kind: string;
  /** Which limit of the plan is reached, where that is the problem. */
  readonly quota: Quota | null;
  /** How the team stands, where that is why: `suspended` or `deleting`. */
  readonly tenantStatus: string | null;
  /** Why the team is suspended, as the operator wrote it. */
  readonly suspendedFor: string | null;
  readonly title: string;
  readonly detail: string | null;
  readonly errors: readonly FieldError[];
  readonly traceId: string | null;
  /** Seconds to wait before asking again, where the server named them. */
  readonly retryAfter: number | null;
  /** When it was answered, in milliseconds since 1970. */
  readonly at = Date.now();

  constructor(parts: {
    status: number;
    kind?: string | undefined;
    quota?: Quota | null | undefined;
    tenantStatus?: string | null | undefined;
    suspendedFor?: string | null | undefined;
    title?: string | undefined;
    detail?: string | null | undefined;
    errors?: readonly FieldError[] | null | undefined;
    traceId?: string | null | undefined;
    retryAfter?: number | null | undefined;
    cause?: unknown;
  }) {
    super(parts.detail ?? parts.title ?? `HTTP ${parts.status}`, { cause: parts.cause });
    this.status = parts.status;
    this.kind = parts.kind ?? '';
    this.quota = parts.quota ?? null;
    this.tenantStatus = parts.tenantStatus ?? null;
    this.suspendedFor = parts.suspendedFor ?? null;
    this.title = parts.title ?? '';
    this.detail = parts.detail ?? null;
    this.errors = parts.errors ?? [];
    this.traceId = parts.traceId ?? null;
    this.retryAfter = parts.retryAfter ?? null;
  }

  /** The server's words for one of the named fields, if it refused one of them. */
  field(...names: string[]): string | null {
    const wanted = (path: string) => names.some((name) => path === name || path.endsWith(`.${name}`));
    return this.errors.find((error) => wanted(error.field))?.message ?? null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** `Retry-After` in its one form that this API sends: whole seconds. */
function seconds(header: string | null | undefined): number | null {
  return header != null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

/** `/api/docs/errors#quota-exceeded` is of the kind `quota_exceeded`. */
function kindOf(type: unknown): string {
  return (text(type)?.split('#')[1] ?? '').replaceAll('-', '_');
}

function quotaOf(body: Record<string, unknown>): Quota | null {
  const { limit, allowed, used, plan, resets_at } = body;
  if (typeof limit !== 'string' || typeof allowed !== 'number' || typeof used !== 'number') return null;
  return { limit, allowed, used, plan: text(plan) ?? '', resetsAt: text(resets_at) ?? null };
}

/** Reads a problem from a decoded body; a body that is none still gives a usable problem. */
export function problemFrom(status: number, body: unknown, headers?: Headers): Problem {
  const retryAfter = seconds(headers?.get('Retry-After'));
  if (!isRecord(body)) return new Problem({ status, retryAfter });
  const errors = Array.isArray(body['errors'])
    ? body['errors'].filter(isRecord).map((error) => ({
        field: text(error['field']) ?? '',
        message: text(error['message']) ?? '',
      }))
    : [];
  return new Problem({
    status,
    kind: kindOf(body['type']),
    quota: quotaOf(body),
    tenantStatus: text(body['tenant_status']),
    suspendedFor: body['tenant_status'] === 'suspended' ? text(body['reason']) : null,
    title: text(body['title']),
    detail: text(body['detail']),
    traceId: text(body['trace_id']),
    retryAfter,
    errors,
  });
}

/** Why a team is suspended, from the server's sentence, where it does not say it apart. */
export function suspensionReason(detail: string | null): string | null {
  const reason = (detail ?? '').replace(/^This tenant is suspended[:.]\s*/, '').replace(/\s*Ask the operator[^.]*\.$/, '');
  return reason === '' ? null : reason;
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem({ status: 0, cause: error });
}
