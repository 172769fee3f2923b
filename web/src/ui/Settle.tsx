import { type ReactNode, useState } from 'react';
import { classes } from './classes';

/** Glows for a moment when `value` has changed since it was first shown; quiet at first sight. */
export function Settle({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  const [first] = useState(value);
  return (
    // A new key starts the animation anew with every change.
    <div key={value} className={classes('rounded-md', className, value !== first && 'animate-settle')}>
      {children}
    </div>
  );
}
