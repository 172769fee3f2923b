import { RelativeTime } from './RelativeTime';

/** "Joined 5 minutes ago". A full-width colon is as wide as a space already. */
export function LabelledTime({ label, at }: { label: string; at: string }) {
  return (
    <>
      {label}
      {!label.endsWith('：') && ' '}
      <RelativeTime at={at} />
    </>
  );
}
