// Written by hand until `openapi.json` has these paths. Then: delete this file, and let `types.ts` import
// `paths` from `./schema` as its first lines say.
import type { paths as served } from './schema';

type Answered<Body> = { headers: { [name: string]: unknown }; content: { 'application/json': Body } };

type At<Path> = Path extends undefined ? { path?: never } : { path: Path };

type Get<Query, Body, Path = undefined> = {
  parameters: { query?: Query; header?: never; cookie?: never } & At<Path>;
  requestBody?: never;
  responses: { 200: Answered<Body> };
};

type Send<Request, Body, Status extends number, Path = undefined, Header = never> = {
  parameters: { query?: never; header?: Header; cookie?: never } & At<Path>;
  requestBody: { content: { 'application/json': Request } };
  responses: { [code in Status]: Answered<Body> };
};

interface Paged {
  limit?: number;
  cursor?: string;
}

interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

interface AlertBaseline {
  kind: string;
  days?: number | null;
  min_days?: number | null;
  value?: unknown;
}

interface AlertCondition {
  all?: AlertCondition[] | null;
  any?: AlertCondition[] | null;
  test?: string | null;
  metric?: string | null;
  baseline?: AlertBaseline | null;
  direction?: string | null;
  percent?: number | null;
  absolute?: unknown;
  min_step?: unknown;
  hysteresis_percent?: number | null;
  step_percent?: number | null;
  hysteresis?: unknown;
  step?: unknown;
  at_or_below?: unknown;
  at_or_above?: unknown;
  extreme?: string | null;
  days?: number | null;
  min_days?: number | null;
  event?: string | null;
  seller?: string | null;
  from?: string[] | null;
  to?: string[] | null;
  fields?: string[] | null;
}

interface ContentChanged {
  field: string;
  before: unknown;
  after: unknown;
}

interface Rule {
  id: string;
  name?: string | null;
  tracking_id?: string | null;
  tag?: string | null;
  kind: string;
  metric?: string | null;
  percent?: number | null;
  condition: AlertCondition;
  severity: string;
  enabled: boolean;
  version: number;
  created_at: string;
  changed_at: string;
}

interface NewRule {
  name?: string | null;
  tracking_id?: string | null;
  tag?: string | null;
  condition: AlertCondition;
  severity?: string | null;
  enabled?: boolean | null;
}

interface RulePatch {
  name?: string | null;
  condition?: AlertCondition | null;
  severity?: string | null;
  enabled?: boolean | null;
}

interface Trial {
  rule_id?: string | null;
  rule?: { condition: AlertCondition; severity?: string | null } | null;
  product_id?: number | null;
  tracking_id?: string | null;
  from?: string | null;
  to?: string | null;
}

interface Firing {
  occurred_at: string;
  kind: string;
  metric?: string | null;
  severity: string;
  before: unknown;
  after: unknown;
  percent?: number | null;
  baseline?: string | null;
  baseline_days?: number | null;
  message?: string | null;
  changes?: ContentChanged[] | null;
}

interface TrialAnswer {
  product_id: number;
  tracking_id?: string | null;
  from: string;
  to: string;
  looks: number;
  count: number;
  fired: Firing[];
  truncated: boolean;
  history: { from?: string | null; needed_from: string; enough: boolean; note?: string | null };
}

interface AlertMore {
  metric?: string | null;
  rule_name?: string | null;
  baseline?: string | null;
  baseline_days?: number | null;
  changes?: ContentChanged[] | null;
}

type ServedAlerts = served['/api/v1/alerts']['get'];
type ServedAlert = ServedAlerts['responses'][200]['content']['application/json']['items'][number];

interface Popularity {
  score: number;
  category: string;
  rank_percentile?: number | null;
  reviews_per_day?: number | null;
  reviews_percentile?: number | null;
  confidence: 'low' | 'fair' | 'good';
  as_of: string;
}

type ServedProducts = served['/api/v1/products']['get'];
type ServedProduct = ServedProducts['responses'][200]['content']['application/json']['items'][number];
type ServedDetails = served['/api/v1/products/{id}']['get'];

type ProductFilters = Omit<NonNullable<ServedProducts['parameters']['query']>, 'sort' | 'limit' | 'cursor'> & {
  marketplace?: string;
  tag?: string;
};

type ProductSort =
  | 'relevance'
  | '-created_at'
  | '-last_changed_at'
  | 'title'
  | 'price'
  | '-price'
  | 'rank'
  | '-rank'
  | '-rating'
  | '-review_count'
  | 'price_change'
  | '-price_change'
  | '-popularity';

interface Facet {
  values: { value: string; count: number }[];
  others: number;
}

interface Facets {
  total: number;
  approximate_search: boolean;
  facets: {
    source: Facet;
    marketplace: Facet;
    brand: Facet;
    series: Facet;
    category: Facet;
    in_stock: Facet;
    type: Facet;
    tag: Facet;
  };
}

/** Paths that the server is about to have, or is about to answer with more. */
export interface Coming {
  '/api/v1/alert-rules': {
    get: Get<Paged & { tracking_id?: string; tag?: string }, Page<Rule>>;
    post: Send<NewRule, Rule, 201, undefined, { 'Idempotency-Key'?: string }>;
  };
  '/api/v1/alert-rules/test': { post: Send<Trial, TrialAnswer, 200> };
  '/api/v1/alert-rules/{id}': {
    get: Get<never, Rule, { id: string }>;
    patch: Send<RulePatch, Rule, 200, { id: string }>;
    delete: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: { 204: { headers: { [name: string]: unknown }; content?: never } };
    };
  };
  '/api/v1/alerts': {
    get: Omit<ServedAlerts, 'responses'> & { responses: { 200: Answered<Page<ServedAlert & AlertMore>> } };
  };
  '/api/v1/products': {
    get: Omit<ServedProducts, 'parameters' | 'responses'> & {
      parameters: { query?: ProductFilters & Paged & { sort?: ProductSort }; header?: never; path?: never; cookie?: never };
      responses: { 200: Answered<Page<ServedProduct & { popularity?: Popularity | null }>> };
    };
  };
  '/api/v1/products/facets': { get: Get<ProductFilters, Facets> };
  '/api/v1/products/{id}': {
    get: Omit<ServedDetails, 'responses'> & {
      responses: {
        200: Answered<ServedDetails['responses'][200]['content']['application/json'] & { popularity?: Popularity | null }>;
      };
    };
  };
}
