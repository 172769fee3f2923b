import { useSyncExternalStore } from 'react';
import { session } from './session';

const subscribe = (listener: () => void) => session.subscribe(listener);

/** Names the sign-in; `null` when nobody is signed in. */
export const useSessionId = () => useSyncExternalStore(subscribe, () => session.id);
export const useFarewell = () => useSyncExternalStore(subscribe, () => session.farewell);
