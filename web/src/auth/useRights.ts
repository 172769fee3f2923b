import { useProfile } from './useProfile';

/** What the person may do here. The server decides; this only hides what it would refuse. */
export function useRights(): { write: boolean; manage: boolean; own: boolean } {
  const { role } = useProfile();
  return { write: role !== null && role !== 'viewer', manage: role === 'owner' || role === 'admin', own: role === 'owner' };
}
