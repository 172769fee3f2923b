import { X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keywordsOf } from '../monitors/kinds';
import { FieldError } from '../ui/Field';
import { withKeywords } from './round';

/** Words as chips: Enter or a comma adds one, Backspace in an empty field takes the last one away. */
export function KeywordChips({
  words,
  onChange,
  error,
  disabled,
}: {
  words: readonly string[];
  onChange: (words: string[]) => void;
  error: string | null;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');

  const add = (typed: string) => {
    const more = keywordsOf(typed);
    if (more.length > 0) onChange(withKeywords(words, more));
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that only ends the choice of a character is none.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && text === '' && words.length > 0) {
      onChange(words.slice(0, -1));
    }
  };
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {t('scheduler.keywords')}
      </label>
      <div className="flex min-h-10 flex-wrap items-center gap-1.5 rounded-lg border border-line-strong/60 bg-surface px-2 py-1.5 transition-colors focus-within:border-accent focus-within:outline-2 focus-within:outline-accent/40 hover:border-line-strong">
        {words.length > 0 && (
          <ul aria-label={t('scheduler.keywords')} className="contents">
            {words.map((word) => (
              <li
                key={word}
                className="inline-flex max-w-full items-center gap-0.5 rounded-full bg-accent-soft py-0.5 pr-0.5 pl-2.5 text-[0.8125rem] font-medium text-accent"
              >
                <span className="truncate">{word}</span>
                {!disabled && (
                  <button
                    type="button"
                    aria-label={t('scheduler.removeKeyword', { word })}
                    title={t('scheduler.removeKeyword', { word })}
                    onClick={() => {
                      onChange(words.filter((each) => each !== word));
                      input.current?.focus();
                    }}
                    className="inline-flex size-6 shrink-0 items-center justify-center rounded-full hover:bg-surface"
                  >
                    <X aria-hidden className="size-3.5" />
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        <input
          ref={input}
          id={id}
          value={text}
          disabled={disabled}
          maxLength={100}
          autoComplete="off"
          enterKeyHint="done"
          aria-invalid={error !== null || undefined}
          aria-describedby={`${id}-hint`}
          placeholder={words.length === 0 ? t('scheduler.keywordPlaceholder') : undefined}
          onChange={(event) => {
            const typed = event.target.value;
            if (/[\n,，、;；]/.test(typed)) add(typed);
            else setText(typed);
          }}
          onPaste={(event) => {
            // A list is longer than one word may be, and would be cut.
            const pasted = event.clipboardData.getData('text');
            if (!/[\n,，、;；]/.test(pasted)) return;
            event.preventDefault();
            add(text + pasted);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => add(text)}
          className="h-7 min-w-28 grow bg-transparent px-1 text-sm outline-none placeholder:text-muted/80"
        />
      </div>
      {error === null ? (
        <p id={`${id}-hint`} className="text-[0.8125rem] text-muted">
          {t('scheduler.keywordsHint')}
        </p>
      ) : (
        <FieldError id={`${id}-hint`}>{error}</FieldError>
      )}
    </div>
  );
}
