import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { Button, IconButton } from './Button';
import { classes } from './classes';
import { FieldError } from './Field';

const overlay = 'fixed inset-0 z-40 bg-[#0b100e]/45 backdrop-blur-[2px] animate-fade';
const panel =
  'fixed z-50 inset-x-0 bottom-0 max-h-[92dvh] overflow-y-auto rounded-t-2xl border border-line bg-surface p-6 pb-[max(1.5rem,env(safe-area-inset-bottom))] shadow-lift animate-rise focus:outline-none ' +
  'sm:inset-x-auto sm:bottom-auto sm:left-1/2 sm:w-full sm:-translate-x-1/2 sm:rounded-2xl';
const short = 'sm:top-[18dvh] sm:max-h-[78dvh] sm:max-w-lg';
/** For forms and results that may be long: starts higher and is wider. */
const tall = 'sm:top-[6dvh] sm:max-h-[88dvh] sm:max-w-2xl';

const stay = (event: Event) => event.preventDefault();

/** A modal dialog: focus is trapped and given back, Escape closes. A sheet on phones. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  large = false,
  held = false,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  /** For long forms and results. */
  large?: boolean;
  /** Only its buttons close it, not Escape or a click beside it: what it shows is not shown again. */
  held?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={overlay} />
        <RadixDialog.Content
          className={classes(panel, large ? tall : short)}
          onEscapeKeyDown={held ? stay : undefined}
          onInteractOutside={held ? stay : undefined}
        >
          <div className="mb-5 flex items-start gap-4">
            <div className="grow">
              <RadixDialog.Title className="text-lg font-semibold">{title}</RadixDialog.Title>
              <RadixDialog.Description className="mt-1 text-sm text-muted">{description}</RadixDialog.Description>
            </div>
            <RadixDialog.Close asChild>
              <IconButton label={t('common.close')} className="-mt-2 -mr-2 shrink-0">
                <X aria-hidden className="size-5" />
              </IconButton>
            </RadixDialog.Close>
          </div>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** Asks before something that cannot be taken back, and tells why it failed. The safe answer has the focus. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirm,
  busy,
  error,
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  confirm: string;
  busy: boolean;
  /** What confirming failed with; `null` or nothing when it did not. */
  error?: unknown;
  onConfirm: () => void;
}) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <RadixAlert.Root open={open} onOpenChange={onOpenChange}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={overlay} />
        <RadixAlert.Content className={classes(panel, short)}>
          <RadixAlert.Title className="text-lg font-semibold">{title}</RadixAlert.Title>
          <RadixAlert.Description className="mt-2 text-sm text-muted">{description}</RadixAlert.Description>
          {error != null && (
            <div className="mt-3">
              <FieldError>{problemText(asProblem(error)).advice}</FieldError>
            </div>
          )}
          <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <RadixAlert.Cancel asChild>
              <Button>{t('common.cancel')}</Button>
            </RadixAlert.Cancel>
            <Button look="danger" busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
