// Short names for the shapes the page uses. They are taken from the operations, not from the
// names of the components, so that renaming a component on the server changes nothing here.
import type { paths } from './schema';

type Json<T> = T extends { content: { 'application/json': infer Content } } ? Content : never;
type Answer<Op, Status extends number> = Op extends { responses: infer R }
  ? Status extends keyof R
    ? Json<R[Status]>
    : never
  : never;
type Body<Op> = Op extends { requestBody: infer B } ? Json<B> : never;

export type ProductPage = Answer<paths['/api/v1/products']['get'], 200>;
// As lists have it: one product alone has more (`description`, `videos`).
export type Product = ProductPage['items'][number];
export type ProductQuery = NonNullable<paths['/api/v1/products']['get']['parameters']['query']>;
export type History = Answer<paths['/api/v1/products/{id}/history']['get'], 200>;
export type HistorySeries = History['metrics'][string];
export type Tracking = Answer<paths['/api/v1/trackings']['get'], 200>['items'][number];
export type NewTracking = Body<paths['/api/v1/trackings']['post']>;
export type AlertPage = Answer<paths['/api/v1/alerts']['get'], 200>;
export type Alert = AlertPage['items'][number];
export type TokenPair = Answer<paths['/api/v1/auth/login']['post'], 200>;
export type Money = NonNullable<Product['price']>;
export type Availability = Product['availability'];
