import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Segments } from '../ui/Segments';
import { useTitle } from '../ui/useTitle';
import { CategoryList } from './CategoryList';
import { MonitorList } from './MonitorList';

type Tab = 'monitors' | 'categories';

/** Standing searches: what finds new products by itself. */
export function Monitors() {
  const { t } = useTranslation();
  useTitle(t('monitors.title'));
  const [params, setParams] = useSearchParams();
  const tab: Tab = params.get('tab') === 'categories' ? 'categories' : 'monitors';
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('monitors.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t(tab === 'monitors' ? 'monitors.subtitle' : 'categories.subtitle')}</p>
        </div>
        <Segments
          label={t('monitors.show')}
          value={tab}
          onChange={(next) => setParams(next === 'monitors' ? {} : { tab: next }, { replace: true })}
          options={[
            { value: 'monitors', label: t('monitors.tab') },
            { value: 'categories', label: t('categories.title') },
          ]}
        />
      </div>
      {tab === 'monitors' ? <MonitorList /> : <CategoryList />}
    </>
  );
}
