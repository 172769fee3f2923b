import { classes } from './classes';

/** A grey place-holder of the size of what is loading. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={classes('block animate-pulse rounded-md bg-sunken', className)} />;
}
