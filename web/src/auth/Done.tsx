import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button';

/** What came of it, and where to go from here. */
export function Done({ icon, text, to, action }: { icon: ReactNode; text: ReactNode; to: string; action: string }) {
  return (
    <div role="status" className="flex flex-col gap-6">
      <p className="flex items-start gap-3 text-sm text-muted">
        <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft text-accent [&>svg]:size-4.5">{icon}</span>
        <span className="self-center">{text}</span>
      </p>
      <Link to={to} className={buttonClass('primary')}>
        {action}
      </Link>
    </div>
  );
}
