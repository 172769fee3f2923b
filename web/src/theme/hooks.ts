import { useSyncExternalStore } from 'react';
import { colourSense, isDark, onThemeChange, themeChoice } from './theme';

export const useThemeChoice = () => useSyncExternalStore(themeChoice.subscribe, themeChoice.get);
export const useColourSense = () => useSyncExternalStore(colourSense.subscribe, colourSense.get);
export const useIsDark = () => useSyncExternalStore(onThemeChange, isDark);
