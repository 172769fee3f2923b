import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';

/** What a source refused just now, and what to do about it. */
export function useLiveProblem() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return useCallback(
    (problem: Problem): { title: string; advice: string } => {
      const { status, detail, retryAfter } = problem;
      if (status === 404) return { title: t('track.problem.missing.title'), advice: detail ?? t('track.problem.missing.advice') };
      if (status === 422) {
        const words = problem.errors.map((error) => error.message).filter((message) => message !== '');
        return { title: t('track.problem.refused'), advice: words.join(' ') || (detail ?? problem.title) };
      }
      if (status === 429) {
        return {
          title: t('track.problem.slow.title'),
          advice:
            retryAfter === null ? t('track.problem.slow.advice') : t('track.problem.slow.adviceIn', { count: retryAfter }),
        };
      }
      if (status === 502) return { title: t('track.problem.source.title'), advice: detail ?? t('track.problem.source.advice') };
      if (status === 504) return { title: t('track.problem.timeout.title'), advice: t('track.problem.timeout.advice') };
      return problemText(problem);
    },
    [t, problemText],
  );
}
