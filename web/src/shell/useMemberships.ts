import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, unwrap } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { switchTo } from '../auth/switch';
import { useProfile } from '../auth/useProfile';
import { toast } from '../ui/toasts';

/** The teams of the person, for the account menu. */
export function useMemberships() {
  const { data } = useQuery({
    queryKey: keys.memberships(),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/auth/tenants', { signal })),
    staleTime: 5 * 60_000,
  });
  return data?.items ?? [];
}

/** Goes to another team. */
export function useSwitch() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const { slug } = useProfile();
  // A team that may not be used tells no profile, but still which one it is.
  const from = useMemberships().find((each) => each.current)?.slug ?? slug;
  return useMutation({
    mutationFn: (wanted: string) => switchTo(wanted, from ?? ''),
    onSuccess: (where) => {
      // What was open belongs to the team before.
      if (where === 'here') void navigate('/');
    },
    onError: (error) => toast({ title: t('shell.switchFailed'), body: problemText(asProblem(error)).advice }),
  });
}
