import { useTranslation } from 'react-i18next';

export function Footer() {
  const { t } = useTranslation();
  return (
    <footer className="border-t border-line">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-5 text-[0.8125rem] text-muted sm:px-6">
        <span>Bellwether</span>
        <a href="/api/docs" className="underline-offset-4 hover:text-ink hover:underline">
          {t('shell.apiDocs')}
        </a>
        <a href="/api/openapi.json" className="underline-offset-4 hover:text-ink hover:underline">
          OpenAPI
        </a>
      </div>
    </footer>
  );
}
