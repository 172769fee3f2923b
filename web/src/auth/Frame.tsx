import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageMenu } from '../shell/LanguageMenu';
import { ThemeMenu } from '../shell/ThemeMenu';
import { Logo } from '../ui/Logo';
import { NeedsHttps } from './NeedsHttps';

/** What stands around the sign-in and register forms. */
export function Frame({
  title,
  subtitle,
  result = false,
  signsIn = false,
  children,
}: {
  title: string;
  subtitle: ReactNode;
  /** It takes the place of what was asked for, rather than asking. */
  result?: boolean;
  /** It ends in a session, so it needs cookies. */
  signsIn?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const heading = useResultFocus(title, result);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <aside className="relative hidden overflow-hidden bg-[#0a4f45] p-12 text-white lg:flex lg:flex-col">
        <div className="flex items-center gap-3 text-lg font-semibold">
          <Logo className="size-9 rounded-[10px] ring-1 ring-white/25" /> Bellwether
        </div>
        <div className="relative z-10 my-auto max-w-md">
          <h2 className="text-4xl leading-tight font-semibold tracking-tight text-balance">{t('auth.pitch.title')}</h2>
          <p className="mt-4 text-base leading-relaxed text-white/80">{t('auth.pitch.body')}</p>
        </div>
        <Steps />
      </aside>
      <div className="flex flex-col">
        <div className="flex justify-end gap-1 p-3">
          <LanguageMenu />
          <ThemeMenu />
        </div>
        <main className="mx-auto flex w-full max-w-sm grow flex-col justify-center px-6 pb-24">
          <Logo className="mb-6 size-11 lg:hidden" />
          <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold tracking-tight outline-none">
            {title}
          </h1>
          <p className="mt-1.5 text-sm text-muted">{subtitle}</p>
          <div className="mt-7">{signsIn && !window.isSecureContext ? <NeedsHttps /> : children}</div>
        </main>
      </div>
    </div>
  );
}

/**
 * The heading has the focus when a form has become its result: the button that had it is gone, and a screen reader would
 * say nothing. Another language is no result.
 */
function useResultFocus(title: string, result: boolean) {
  const { i18n } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<{ title: string; language: string } | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = { title, language: i18n.language };
    const changed = before === null ? result : before.title !== title && before.language === i18n.language;
    if (changed) heading.current?.focus();
  }, [title, result, i18n.language]);
  return heading;
}

/** A price's step line, as decoration. */
function Steps() {
  return (
    <svg viewBox="0 0 600 220" aria-hidden preserveAspectRatio="none" className="absolute inset-x-0 bottom-0 h-2/5 w-full">
      <path
        d="M0 120h70v-34h80v58h60v-20h90v52h50v-70h70v26h60v-44h60v30h60V220H0z"
        fill="#fff"
        fillOpacity=".05"
      />
      <path
        d="M0 120h70v-34h80v58h60v-20h90v52h50v-70h70v26h60v-44h60v30h60"
        fill="none"
        stroke="#fff"
        strokeOpacity=".38"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
      <path
        d="M0 190h110v-30h60v14h120v-40h40v18h110v30h80v-22h80"
        fill="none"
        stroke="#e9b654"
        strokeOpacity=".7"
        strokeWidth="2"
        strokeDasharray="2 6"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
