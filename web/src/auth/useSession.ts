import { useSyncExternalStore } from 'react';
import { session } from './session';

const subscribe = (listener: () => void) => session.subscribe(listener);

export const useSignedIn = () => useSyncExternalStore(subscribe, () => session.signedIn);
export const useIdentity = () => useSyncExternalStore(subscribe, () => session.identity);
