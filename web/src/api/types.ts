// Short names for the shapes the page uses. They are taken from the operations, not from the
// names of the components, so that renaming a component on the server changes nothing here.
import type { paths } from './schema';

export type { paths };

type Json<T> = T extends { content: { 'application/json': infer Content } } ? Content : never;
type Answer<Op, Status extends number> = Op extends { responses: infer R }
  ? Status extends keyof R
    ? Json<R[Status]>
    : never
  : never;
type Body<Op> = Op extends { requestBody: infer B } ? Json<B> : never;

export type ProductPage = Answer<paths['/api/v1/products']['get'], 200>;
// As lists have it: one product alone has more.
export type Product = ProductPage['items'][number];
export type ProductQuery = NonNullable<paths['/api/v1/products']['get']['parameters']['query']>;
export type History = Answer<paths['/api/v1/products/{id}/history']['get'], 200>;
export type HistorySeries = History['metrics'][string];
export type Tracking = Answer<paths['/api/v1/trackings']['get'], 200>['items'][number];
export type TrackingPatch = Body<paths['/api/v1/trackings/{id}']['patch']>;
export type NewTracking = Body<paths['/api/v1/trackings']['post']>;
export type AlertPage = Answer<paths['/api/v1/alerts']['get'], 200>;
export type Alert = AlertPage['items'][number];
export type SignedIn = Pick<Answer<paths['/api/v1/auth/login']['post'], 200>, 'expires_in'>;
export type Money = NonNullable<Product['price']>;
export type Availability = Product['availability'];
export type ProductDetails = Answer<paths['/api/v1/products/{id}']['get'], 200>;
export type Statistics = Answer<paths['/api/v1/products/{id}/statistics']['get'], 200>;
export type Quality = Answer<paths['/api/v1/products/{id}/quality']['get'], 200>;
export type Source = Answer<paths['/api/v1/sources']['get'], 200>['items'][number];
export type CredentialField = Source['credential_fields'][number];
export type Preset = Source['presets'][number];
export type Credential = Answer<paths['/api/v1/sources/{source}/credential']['get'], 200>;
export type Preview = Answer<paths['/api/v1/sources/preview']['post'], 200>;
export type Candidate = Preview['candidates'][number];
export type FoundProduct = Candidate['product'];
export type Monitor = Answer<paths['/api/v1/monitors']['get'], 200>['items'][number];
export type NewMonitor = Body<paths['/api/v1/monitors']['post']>;
export type MonitorPatch = Body<paths['/api/v1/monitors/{id}']['patch']>;
export type Category = Answer<paths['/api/v1/categories']['get'], 200>['items'][number];
export type NewCategory = Body<paths['/api/v1/categories']['post']>;
export type CategoryPatch = Body<paths['/api/v1/categories/{id}']['patch']>;
export type CrawlPage = Answer<paths['/api/v1/crawls']['get'], 200>;
export type Crawl = CrawlPage['items'][number];
export type CrawlQuery = NonNullable<paths['/api/v1/crawls']['get']['parameters']['query']>;
export type CrawlTarget = Answer<paths['/api/v1/crawls/{id}']['get'], 200>['targets']['items'][number];
export type SyncLog = Answer<paths['/api/v1/sync-logs']['get'], 200>['items'][number];
export type SyncQuery = NonNullable<paths['/api/v1/sync-logs']['get']['parameters']['query']>;
export type NewSync = Body<paths['/api/v1/sync/{source}']['post']>;
export type Scheduler = Answer<paths['/api/v1/scheduler']['get'], 200>;
export type SchedulerSetting = Body<paths['/api/v1/scheduler']['put']>;
export type Round = Answer<paths['/api/v1/crawls/{id}']['get'], 200>;
export type Tenant = Answer<paths['/api/v1/tenant']['get'], 200>;
export type TenantChange = Body<paths['/api/v1/tenant']['patch']>;
export type Histories = Answer<paths['/api/v1/products/history']['get'], 200>;
export type RulePage = Answer<paths['/api/v1/alert-rules']['get'], 200>;
export type Rule = RulePage['items'][number];
export type NewRule = Body<paths['/api/v1/alert-rules']['post']>;
export type RulePatch = Body<paths['/api/v1/alert-rules/{id}']['patch']>;
export type Trial = Body<paths['/api/v1/alert-rules/test']['post']>;
export type TrialAnswer = Answer<paths['/api/v1/alert-rules/test']['post'], 200>;
export type Firing = TrialAnswer['fired'][number];
export type Facets = Answer<paths['/api/v1/products/facets']['get'], 200>;
export type FacetQuery = NonNullable<paths['/api/v1/products/facets']['get']['parameters']['query']>;
export type Facet = Facets['facets']['brand'];
export type Profile = Answer<paths['/api/v1/auth/profile']['get'], 200>;
export type Role = Profile['role'];
export type ProfileChange = Body<paths['/api/v1/auth/profile']['patch']>;
export type SessionEntry = Answer<paths['/api/v1/auth/sessions']['get'], 200>['items'][number];
export type Membership = Answer<paths['/api/v1/auth/tenants']['get'], 200>['items'][number];
export type InvitationLook = Answer<paths['/api/v1/auth/invitations/look']['post'], 200>;
export type Member = Answer<paths['/api/v1/members']['get'], 200>['items'][number];
export type Invitation = Answer<paths['/api/v1/invitations']['get'], 200>['items'][number];
export type NewInvitation = Body<paths['/api/v1/invitations']['post']>;
export type ApiKey = Answer<paths['/api/v1/api-keys']['get'], 200>['items'][number];
export type NewApiKey = Body<paths['/api/v1/api-keys']['post']>;
export type CreatedApiKey = Answer<paths['/api/v1/api-keys']['post'], 201>;
export type Scope = NewApiKey['scopes'][number];
export type Usage = Answer<paths['/api/v1/usage']['get'], 200>;
export type UsageItem = Usage['items'][number];
export type Export = Answer<paths['/api/v1/tenant/exports']['get'], 200>['items'][number];
export type AuditEntry = Answer<paths['/api/v1/audit-log']['get'], 200>['items'][number];
export type AuditQuery = NonNullable<paths['/api/v1/audit-log']['get']['parameters']['query']>;
