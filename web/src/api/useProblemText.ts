import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/useFormat';
import { useUsageText } from '../settings/plan/useUsageText';
import { type Problem, suspensionReason } from './problem';
import { detailWord } from './serverWords';

/** A problem in the reader's language: its title, and what to do. A detail that the page has no words for is kept. */
export function useProblemText() {
  const { t } = useTranslation();
  const usage = useUsageText();
  const format = useFormat();
  return useCallback(
    (problem: Problem): { title: string; advice: string } => {
      const { status, detail, quota } = problem;
      if (quota !== null) {
        const values = {
          limit: usage.name(quota.limit),
          used: usage.amount({ name: quota.limit, unit: '' }, quota.used),
          allowed: usage.amount({ name: quota.limit, unit: '' }, quota.allowed),
        };
        return {
          title: t('problem.quota.title'),
          advice:
            quota.resetsAt === null
              ? t('problem.quota.advice', values)
              : t('problem.quota.adviceUntil', { ...values, time: format.dateTime(quota.resetsAt) }),
        };
      }
      if (problem.tenantStatus === 'suspended') {
        const reason = problem.suspendedFor ?? suspensionReason(detail);
        const hint = t('banner.suspendedHint');
        return { title: t('banner.suspended'), advice: reason === null ? hint : `${reason} ${hint}` };
      }
      if (problem.tenantStatus === 'deleting') return { title: t('problem.deleting.title'), advice: t('problem.deleting.advice') };
      if (problem.kind === 'cross_site') return { title: t('problem.denied.title'), advice: t('problem.crossSite') };
      if (status === 0) return { title: t('problem.offline.title'), advice: t('problem.offline.advice') };
      const word = detail === null ? null : detailWord(detail);
      const known = word === null ? null : t(word);
      if (status === 403) return { title: t('problem.denied.title'), advice: known ?? detail ?? t('problem.denied.advice') };
      if (status === 404) return { title: t('problem.missing.title'), advice: t('problem.missing.advice') };
      if (status === 429) {
        const wait = problem.retryAfter;
        return {
          title: t('problem.limit.title'),
          advice: wait === null ? t('problem.limit.advice') : t('problem.limit.adviceIn', { time: format.duration(wait) }),
        };
      }
      if (status === 502 || status === 503 || status === 504) {
        return { title: t('problem.busy.title'), advice: t('problem.busy.advice') };
      }
      if (status >= 500) return { title: t('problem.server.title'), advice: t('problem.server.advice') };
      return { title: t('problem.refused.title'), advice: known ?? detail ?? problem.title };
    },
    [t, usage, format],
  );
}
