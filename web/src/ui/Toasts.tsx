import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { dismissToast, toastStore } from './toasts';

/** The corner where toasts appear; F8 moves the focus there. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get);
  return (
    <Radix.Provider label={t('shell.notification')} duration={6000} swipeDirection="right">
      {toasts.map((toast) => (
        <Radix.Root
          key={toast.id}
          onOpenChange={(open) => {
            if (!open) dismissToast(toast.id);
          }}
          className="relative flex items-start gap-3 rounded-xl border border-line bg-surface p-3.5 pr-11 shadow-lift animate-rise focus-within:border-line-strong data-[swipe=move]:translate-x-(--radix-toast-swipe-move-x)"
        >
          {toast.icon !== undefined && <span className="mt-px shrink-0">{toast.icon}</span>}
          <div className="min-w-0 grow">
            <Radix.Title className="text-sm font-semibold">
              {toast.to === undefined ? (
                toast.title
              ) : (
                <Link to={toast.to} onClick={() => dismissToast(toast.id)} className="after:absolute after:inset-0">
                  {toast.title}
                </Link>
              )}
            </Radix.Title>
            {toast.body !== undefined && (
              <Radix.Description className="mt-0.5 line-clamp-2 text-[0.8125rem] text-muted">{toast.body}</Radix.Description>
            )}
          </div>
          <Radix.Close
            aria-label={t('common.close')}
            className="absolute top-2 right-2 z-10 inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
          >
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-0 bottom-16 z-60 flex w-full max-w-sm flex-col gap-2 p-4 outline-none md:bottom-0" />
    </Radix.Provider>
  );
}
