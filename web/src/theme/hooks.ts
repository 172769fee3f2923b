import { useSyncExternalStore } from 'react';
import { colourChoice, isDark, onThemeChange, themeChoice } from './theme';

export const useThemeChoice = () => useSyncExternalStore(themeChoice.subscribe, themeChoice.get);
export const useColourChoice = () => useSyncExternalStore(colourChoice.subscribe, colourChoice.get);
export const useIsDark = () => useSyncExternalStore(onThemeChange, isDark);
