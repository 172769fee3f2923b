import { DeletionBanner } from './DeletionBanner';
import { QuotaBanner } from './QuotaBanner';
import { SuspensionBanner } from './SuspensionBanner';
import { UnverifiedBanner } from './UnverifiedBanner';

/** What concerns every page, the weightiest first. */
export function Banners() {
  return (
    <>
      <SuspensionBanner />
      <DeletionBanner />
      <UnverifiedBanner />
      <QuotaBanner />
    </>
  );
}
