import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client';
import { keys } from '../../api/keys';
import type { ProfileChange } from '../../api/types';

export function useChangeProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ProfileChange) => unwrap(api.PATCH('/api/v1/auth/profile', { body })),
    onSuccess: (profile) => {
      client.setQueryData(keys.profile(), profile);
      // A new password ends the other sessions.
      return client.invalidateQueries({ queryKey: keys.sessions() });
    },
  });
}
