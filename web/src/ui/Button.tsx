import { LoaderCircle } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classes } from './classes';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'medium' | 'small';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover shadow-card',
  secondary: 'bg-surface text-ink border border-line hover:border-line-strong shadow-card',
  quiet: 'text-muted hover:text-ink hover:bg-sunken',
  danger: 'bg-surface text-bad border border-line hover:border-bad hover:bg-bad-soft',
};

const SIZES: Record<Size, string> = {
  medium: 'h-10 px-4 text-sm',
  small: 'h-8 px-3 text-[0.8125rem]',
};

export function buttonClass(look: Look = 'secondary', size: Size = 'medium', extra?: string): string {
  return classes(
    'inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none',
    'disabled:opacity-60 disabled:cursor-default',
    LOOKS[look],
    SIZES[size],
    extra,
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: Size;
  icon?: ReactNode;
  /** Shows that the click is being carried out and takes no second one. */
  busy?: boolean;
}

export function Button({ look, size, icon, busy = false, className, children, disabled, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      disabled={disabled === true || busy}
      className={buttonClass(look, size, className)}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : icon}
      {children}
    </button>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
}

export function IconButton({ label, className, children, ...rest }: IconProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(
        'relative inline-flex size-10 items-center justify-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-ink data-[state=open]:bg-sunken data-[state=open]:text-ink',
        className,
      )}
    >
      {children}
    </button>
  );
}
