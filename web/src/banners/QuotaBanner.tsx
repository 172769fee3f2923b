import { Gauge } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useProfile } from '../auth/useProfile';
import { useUsage } from '../settings/plan/queries';
import { useUsageText } from '../settings/plan/useUsageText';
import { Banner, bannerAction } from '../ui/Banner';
import { warningKey, worstOf } from './dismissed';

const STORED = 'bellwether.warned';

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** Warns of the limit of the plan that is nearest, until it is closed. */
export function QuotaBanner() {
  const { t } = useTranslation();
  const text = useUsageText();
  const { data: usage } = useUsage();
  const { slug } = useProfile();
  const [closed, setClosed] = useState(stored);
  const worst = usage === undefined ? null : worstOf(usage.items);
  if (usage === undefined || worst === null) return null;
  const key = `${slug} ${warningKey(usage, worst)}`;
  if (closed === key) return null;
  const close = () => {
    setClosed(key);
    try {
      localStorage.setItem(STORED, key);
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
