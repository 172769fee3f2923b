import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Scheduler } from '../scheduler/Scheduler';
import { Segments } from '../ui/Segments';
import { useTitle } from '../ui/useTitle';
import { CategoryList } from './CategoryList';
import { MonitorList } from './MonitorList';

const TABS = ['monitors', 'categories', 'scheduler'] as const;
type Tab = (typeof TABS)[number];

/** What finds new products and goes over everything by itself: standing searches, and whole rounds. */
export function Monitors() {
  const { t } = useTranslation();
  useTitle(t('monitors.title'));
  const [params, setParams] = useSearchParams();
  const tab: Tab = TABS.find((each) => each === params.get('tab')) ?? 'monitors';
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t('monitors.title')}</h1>
          <p className="mt-1 text-sm text-muted">{t(`${tab}.subtitle`)}</p>
        </div>
        <Segments
          label={t('monitors.show')}
          value={tab}
          onChange={(next) => setParams(next === 'monitors' ? {} : { tab: next }, { replace: true })}
          options={[
            { value: 'monitors', label: t('monitors.tab') },
            { value: 'categories', label: t('categories.title') },
            { value: 'scheduler', label: t('scheduler.title') },
          ]}
        />
      </div>
      {tab === 'monitors' ? <MonitorList /> : tab === 'categories' ? <CategoryList /> : <Scheduler />}
    </>
  );
}
