import { ClosedBanner } from './ClosedBanner';
import { DeletionBanner } from './DeletionBanner';
import { QuotaBanner } from './QuotaBanner';
import { UnverifiedBanner } from './UnverifiedBanner';

/** What concerns every page, the weightiest first. */
export function Banners() {
  return (
    <>
      <ClosedBanner />
      <DeletionBanner />
      <UnverifiedBanner />
      <QuotaBanner />
    </>
  );
}
