import { Gauge } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { UsageItem } from '../api/types';
import { useProfile } from '../auth/useProfile';
import { useUsage } from '../settings/plan/queries';
import { useUsageText } from '../settings/plan/useUsageText';
import { Banner, bannerAction } from '../ui/Banner';
import { closedOf, closing, warningKey, worstOf } from './dismissed';

const STORED = 'bellwether.warned';

function stored(): readonly string[] {
  try {
    return closedOf(localStorage.getItem(STORED));
  } catch {
    return [];
  }
}

/** Warns of the limit of the plan that is nearest, and when it is closed of the next one. */
export function QuotaBanner() {
  const { t } = useTranslation();
  const text = useUsageText();
  const { data: usage } = useUsage();
  const { slug } = useProfile();
  const [closed, setClosed] = useState(stored);
  // Of which team it is closed is known only with its name.
  if (usage === undefined || slug === null) return null;
  const keyOf = (item: UsageItem) => `${slug} ${warningKey(usage, item)}`;
  const worst = worstOf(usage.items.filter((item) => !closed.includes(keyOf(item))));
  if (worst === null) return null;
  const close = () => {
    // As kept by now: another tab may have closed others.
    const next = closing(stored(), keyOf(worst));
    setClosed(next);
    try {
      localStorage.setItem(STORED, JSON.stringify(next));
    } catch {
      // It stays closed for this visit only.
    }
  };
  return (
    <Banner
      tone="warn"
      icon={<Gauge aria-hidden />}
      action={
        <Link to="/settings/plan" className={bannerAction}>
          {t('banner.toUsage')}
        </Link>
      }
      onClose={close}
    >
      {t(worst.state === 'exceeded' ? 'banner.quotaExceeded' : 'banner.quotaWarning', {
        limit: text.name(worst.name),
        used: text.amount(worst, worst.used),
        allowed: text.amount(worst, worst.allowed),
      })}
    </Banner>
  );
}
