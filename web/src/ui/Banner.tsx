import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from './classes';

const TONES = { note: 'bg-cool-soft text-cool', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' } as const;

/** A strip over the pages about something that concerns all of them. */
export function Banner({
  tone,
  icon,
  children,
  action,
  onClose,
}: {
  tone: keyof typeof TONES;
  icon: ReactNode;
  children: ReactNode;
  action?: ReactNode;
  onClose?: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div role="status" className={classes('border-b border-line', TONES[tone])}>
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2 text-[0.8125rem] sm:px-6">
        <p className="flex min-w-0 grow basis-44 items-start gap-2.5 wrap-break-word">
          <span className="mt-px shrink-0 [&>svg]:size-4">{icon}</span>
          <span className="min-w-0">{children}</span>
        </p>
        <span className="ml-auto flex shrink-0 items-center gap-1">
          {action}
          {onClose !== undefined && (
            <button
              type="button"
              aria-label={t('common.close')}
              title={t('common.close')}
              onClick={onClose}
              className="inline-flex size-8 items-center justify-center rounded-md hover:bg-surface/60"
            >
              <X aria-hidden className="size-4" />
            </button>
          )}
        </span>
      </div>
    </div>
  );
}

/** What a banner's button looks like: its own tone, underlined. */
export const bannerAction =
  'inline-flex h-8 items-center rounded-md px-2 font-semibold underline decoration-current/40 underline-offset-4 hover:decoration-current disabled:cursor-default disabled:opacity-60';
